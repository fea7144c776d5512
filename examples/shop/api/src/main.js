// Starts the server and stops it without dropping a request.
import { createApp } from './app.js';
import { log } from './log.js';

const port = Number(process.env.PORT ?? 8080);
const server = createApp().listen(port, () => log('info', 'listening', { port }));

function stop(signal) {
  log('info', 'stopping', { signal });
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  // A client that never finishes must not keep the process past the platform's patience.
  setTimeout(() => {
    log('error', 'requests were still open');
    process.exit(1);
  }, 25_000).unref();
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
