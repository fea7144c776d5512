import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { createApp } from '../src/app.js';

const server = createApp();
let base;

before(async () => {
  server.listen(0);
  await once(server, 'listening');
  base = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());

test('the health route answers 200', async () => {
  const response = await fetch(`${base}/healthz`);
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { status: 'ok' });
});

test('products are listed', async () => {
  const products = await (await fetch(`${base}/api/products?page=1`)).json();
  assert.equal(products.length, 2);
});

test('unknown paths answer 404 and are counted', async () => {
  assert.equal((await fetch(`${base}/nowhere`)).status, 404);
  const metrics = await (await fetch(`${base}/metrics`)).text();
  assert.match(metrics, /http_requests_total\{method="GET",status="404"\} 1/);
});
