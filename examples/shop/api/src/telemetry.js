// Measures requests as OpenTelemetry's semantic conventions name them and sends them to a collector as OTLP in JSON.
import { randomUUID } from 'node:crypto';
import { log } from './log.js';

// Seconds. The latency objective, 0.3, is a boundary of its own: it counts a bucket and does not estimate.
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.3, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const CUMULATIVE = 2;
const PERIOD = 10_000;

const nanoseconds = () => String(BigInt(Date.now()) * 1_000_000n);

function attributes(values) {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({
      key,
      value: Number.isInteger(value) ? { intValue: String(value) } : { stringValue: value },
    }));
}

// Who reports. The instance keeps the counts of two copies apart.
function resource(env) {
  const given = (env.OTEL_RESOURCE_ATTRIBUTES ?? '')
    .split(',')
    .filter((pair) => pair.includes('='))
    .map((pair) => pair.split('=').map((part) => decodeURIComponent(part.trim())));
  return {
    'service.instance.id': randomUUID(),
    ...Object.fromEntries(given),
    'service.name': env.OTEL_SERVICE_NAME ?? 'api',
  };
}

export function createTelemetry(env = process.env) {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const from = { attributes: attributes(resource(env)) };
  const started = nanoseconds();
  const series = new Map();

  return {
    // One answered request; `route` is the pattern that matched, absent when none did.
    observe({ method, route, status, seconds }) {
      const labels = {
        'http.request.method': method,
        'http.response.status_code': status,
        'http.route': route,
        'url.scheme': 'http',
        'error.type': status >= 500 ? String(status) : undefined,
      };
      const key = JSON.stringify(labels);
      if (!series.has(key)) {
        const buckets = Array.from({ length: BOUNDS.length + 1 }, () => 0);
        series.set(key, { attributes: attributes(labels), buckets, count: 0, sum: 0 });
      }
      const one = series.get(key);
      const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
      one.buckets[bucket === -1 ? BOUNDS.length : bucket] += 1;
      one.count += 1;
      one.sum += seconds;
    },

    request() {
      const dataPoints = [...series.values()].map(({ attributes, buckets, count, sum }) => ({
        attributes,
        startTimeUnixNano: started,
        timeUnixNano: nanoseconds(),
        count: String(count),
        sum,
        bucketCounts: buckets.map(String),
        explicitBounds: BOUNDS,
      }));
      const histogram = { aggregationTemporality: CUMULATIVE, dataPoints };
      const metrics = [{ name: 'http.server.request.duration', unit: 's', histogram }];
      return { resourceMetrics: [{ resource: from, scopeMetrics: [{ scope: { name: 'shop.api' }, metrics }] }] };
    },

    // Sends what was counted so far. A collector that is away costs a warning, never a request.
    async flush() {
      if (!endpoint || series.size === 0) return;
      try {
        const response = await fetch(`${endpoint.replace(/\/+$/, '')}/v1/metrics`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(this.request()),
          signal: AbortSignal.timeout(5_000),
        });
        if (!response.ok) throw new Error(`the collector answered ${response.status}`);
      } catch (error) {
        log('warn', 'measurements were not sent', { error: error.message });
      }
    },

    start() {
      setInterval(() => this.flush(), PERIOD).unref();
    },
  };
}
