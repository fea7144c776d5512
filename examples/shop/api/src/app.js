// The routes. Creating the server does not listen, so that tests choose the port.
import { createServer } from 'node:http';
import { log } from './log.js';
import { createTelemetry } from './telemetry.js';

const PRODUCTS = [
  { id: 1, name: 'Kettle', cents: 3900 },
  { id: 2, name: 'Teapot', cents: 2700 },
];
const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/;
const METHODS = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE']);

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export const ROUTES = {
  'GET /healthz': (response) => answer(response, 200, { status: 'ok' }),
  'GET /api/products': (response) => answer(response, 200, PRODUCTS),
};

export function createApp({ routes = ROUTES, telemetry = createTelemetry() } = {}) {
  return createServer((request, response) => {
    const started = process.hrtime.bigint();
    const pathname = request.url.split('?', 1)[0];
    const handle = routes[`${request.method} ${pathname}`];
    const traceId = TRACEPARENT.exec(request.headers.traceparent ?? '')?.[1];
    response.on('finish', () => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      const status = response.statusCode;
      // A method or path that a caller made up must not become a series of its own.
      const method = METHODS.has(request.method) ? request.method : '_OTHER';
      telemetry.observe({ method, route: handle && pathname, status, seconds });
      log('info', 'request', { trace_id: traceId, method: request.method, path: pathname, status, seconds });
    });
    try {
      if (handle) handle(response);
      else answer(response, 404, { error: 'not found' });
    } catch (error) {
      log('error', 'request failed', { trace_id: traceId, error: error.message });
      answer(response, 500, { error: 'internal error' });
    }
  });
}
