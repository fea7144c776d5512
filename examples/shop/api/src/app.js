// The routes. Creating the server does not listen, so that tests choose the port.
import { createServer } from 'node:http';
import { log } from './log.js';
import { createMetrics } from './metrics.js';

const PRODUCTS = [
  { id: 1, name: 'Kettle', cents: 3900 },
  { id: 2, name: 'Teapot', cents: 2700 },
];

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const ROUTES = {
  'GET /healthz': (response) => answer(response, 200, { status: 'ok' }),
  'GET /api/products': (response) => answer(response, 200, PRODUCTS),
};

export function createApp() {
  const metrics = createMetrics();
  return createServer((request, response) => {
    const started = process.hrtime.bigint();
    const { pathname } = new URL(request.url, 'http://localhost');
    response.on('finish', () => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      metrics.observe(request.method, response.statusCode, seconds);
      log('info', 'request', { method: request.method, path: pathname, status: response.statusCode, seconds });
    });
    if (request.method === 'GET' && pathname === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
      response.end(metrics.text());
      return;
    }
    const route = ROUTES[`${request.method} ${pathname}`];
    if (route) route(response);
    else answer(response, 404, { error: 'not found' });
  });
}
