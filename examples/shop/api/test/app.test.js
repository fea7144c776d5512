import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { createApp, ROUTES } from '../src/app.js';
import { createTelemetry } from '../src/telemetry.js';

const received = [];
const collector = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  received.push({ path: request.url, body: JSON.parse(body) });
  response.end('{}');
});
let telemetry;
let server;
let base;

const address = (listening) => `http://127.0.0.1:${listening.address().port}`;

before(async () => {
  await once(collector.listen(0), 'listening');
  telemetry = createTelemetry({
    OTEL_SERVICE_NAME: 'api',
    OTEL_EXPORTER_OTLP_ENDPOINT: `${address(collector)}/`,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test, team=caf%C3%A9',
  });
  const broken = () => {
    throw new Error('no kettle');
  };
  server = createApp({ routes: { ...ROUTES, 'GET /broken': broken }, telemetry });
  await once(server.listen(0), 'listening');
  base = address(server);
});
after(() => {
  for (const listening of [server, collector]) {
    listening.close();
    listening.closeAllConnections();
  }
});

// Attributes of OTLP as an object of strings.
const plain = (attributes) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));

test('the health route answers 200', async () => {
  const response = await fetch(`${base}/healthz`);
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { status: 'ok' });
});

test('products are listed', async () => {
  const products = await (await fetch(`${base}/api/products?page=1`)).json();
  assert.equal(products.length, 2);
});

test('what was answered reaches the collector under the names of the conventions', async () => {
  assert.equal((await fetch(`${base}/nowhere`)).status, 404);
  assert.equal((await fetch(`${base}/broken`)).status, 500);
  await telemetry.flush();
  const { path, body } = received.at(-1);
  assert.equal(path, '/v1/metrics');
  const { resource, scopeMetrics } = body.resourceMetrics[0];
  const who = plain(resource.attributes);
  assert.equal(who['service.name'], 'api');
  assert.equal(who['deployment.environment.name'], 'test');
  assert.equal(who.team, 'café');
  const [metric] = scopeMetrics[0].metrics;
  assert.equal(metric.name, 'http.server.request.duration');
  assert.equal(metric.unit, 's');
  for (const point of metric.histogram.dataPoints) {
    assert.ok(point.explicitBounds.includes(0.3));
    assert.equal(point.bucketCounts.length, point.explicitBounds.length + 1);
    assert.equal(point.bucketCounts.map(Number).reduce((a, b) => a + b), Number(point.count));
  }
  const labels = metric.histogram.dataPoints.map((point) => plain(point.attributes));
  const of = (status) => labels.find((label) => label['http.response.status_code'] === status);
  assert.equal(of('404')['http.route'], undefined);
  assert.equal(of('500')['http.route'], '/broken');
  assert.equal(of('500')['error.type'], '500');
});

test('a collector that is away breaks nothing', async () => {
  const alone = createTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  alone.observe({ method: 'GET', status: 200, seconds: 0.1 });
  await alone.flush();
});
