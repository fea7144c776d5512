// Starts the server and stops it without dropping a request or a measurement.
import { createApp } from './app.js';
import { log } from './log.js';
import { createTelemetry } from './telemetry.js';

const port = Number(process.env.PORT ?? 8080);
const telemetry = createTelemetry();
const server = createApp({ telemetry }).listen(port, () => log('info', 'listening', { port }));
telemetry.start();

function stop(signal) {
  log('info', 'stopping', { signal });
  server.close(async () => {
    await telemetry.flush();
    process.exit(0);
  });
  server.closeIdleConnections();
  // A client that never finishes must not keep the process past the platform's patience.
  setTimeout(() => {
    log('error', 'requests were still open');
    process.exit(1);
  }, 25_000).unref();
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
