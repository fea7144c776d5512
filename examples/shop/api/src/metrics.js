// Counts requests and their duration in the Prometheus text format.
const BUCKETS = [0.01, 0.05, 0.1, 0.3, 1, 3];

export function createMetrics() {
  const requests = new Map();
  const buckets = BUCKETS.map(() => 0);
  let sum = 0;
  let count = 0;

  return {
    observe(method, status, seconds) {
      const key = `method="${method}",status="${status}"`;
      requests.set(key, (requests.get(key) ?? 0) + 1);
      BUCKETS.forEach((limit, i) => {
        if (seconds <= limit) buckets[i] += 1;
      });
      sum += seconds;
      count += 1;
    },
    text() {
      const lines = ['# HELP http_requests_total Requests answered', '# TYPE http_requests_total counter'];
      for (const [key, value] of requests) lines.push(`http_requests_total{${key}} ${value}`);
      lines.push('# HELP http_request_duration_seconds Time to answer');
      lines.push('# TYPE http_request_duration_seconds histogram');
      BUCKETS.forEach((limit, i) => lines.push(`http_request_duration_seconds_bucket{le="${limit}"} ${buckets[i]}`));
      lines.push(`http_request_duration_seconds_bucket{le="+Inf"} ${count}`);
      lines.push(`http_request_duration_seconds_sum ${sum}`, `http_request_duration_seconds_count ${count}`);
      return `${lines.join('\n')}\n`;
    },
  };
}
