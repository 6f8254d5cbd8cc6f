'use strict';

/** HTTP and WebSockets in the measured process, the other side in another one: what a request costs. */

const http = require('node:http');
const { Partner } = require('../run/partner.js');
const { ourSonicBoom, sonicBoom, rushwrite } = require('../peers/pino.js');
const { builtLines } = require('./content.js');
const { inTurns, opened } = require('./drives.js');
const { fileRow, socketRow } = require('./rows.js');

const CONNECTIONS = 8;
/** Requests a second of the clients that keep a pace: about a third of what a core serves. */
const PACE = 2000;
const EVENTS_A_TURN = 20;
const MESSAGES_A_TURN = 100;
const WAIT_FOR_ANSWER = 0;

/** Serves `partner(port)` until it has ended, and calls `afterEnd(its reports)`. */
function serve(listener, partner, afterEnd) {
  const server = http.createServer(listener);
  server.listen(0, '127.0.0.1', async () => {
    const reports = await partner(server.address().port).ended;
    server.close(() => afterEnd(reports));
  });
  return server;
}

/** A listener that numbers its requests; `check()` throws unless as many came. */
function counting(writes, answer) {
  let count = 0;
  const listener = (_request, response) => answer(response, count++);
  listener.check = () => {
    if (count !== writes) throw new Error(`${count} of ${writes} requests came`);
  };
  return listener;
}

const requester = (requests, pace) => (port) =>
  Partner.script('requester', port, requests, CONNECTIONS, pace);

/** A server that writes a line for each request to a file. */
function serveAndLog(open, { writes, chunk }, afterAll) {
  const stream = opened(open, 0, afterAll);
  const listener = counting(writes, (response, i) => {
    stream.write(chunk(i));
    response.end('done');
  });
  serve(listener, requester(writes, WAIT_FOR_ANSWER), () => {
    listener.check();
    stream.end();
  });
}

/** The same with pino, and clients that keep a pace and tell how long they waited for answers. */
function serveAndPino(open, { writes }, afterAll) {
  let report;
  const stream = opened(open, 0, () => afterAll(() => report));
  const logger = require('pino')({ base: null, timestamp: false }, stream);
  const listener = counting(writes, (response, i) => {
    logger.info({ id: i }, 'request completed');
    response.end('done');
  });
  serve(listener, requester(writes, PACE), ([last]) => {
    report = last;
    listener.check();
    stream.end();
  });
}

function pinoLines() {
  return (id) => `${JSON.stringify({ level: 30, id, msg: 'request completed' })}\n`;
}

/** A server that answers over the peer's accepted sockets. */
function serveLines(_open, { writes, chunk, peer }, afterAll) {
  const listener = counting(writes, (response, i) => response.end(`${chunk(i)}done`));
  peer.accept(
    serve(listener, requester(writes, WAIT_FOR_ANSWER), () => {
      listener.check();
      afterAll();
    }),
  );
}

/** A stream of server-sent events, so many in each turn. */
function sendEvents(_open, { writes, chunk, peer }, afterAll) {
  const listener = (_request, response) => {
    const write = (i) => response.write(chunk(i));
    const end = () => response.end();
    inTurns({ writes, atOnce: EVENTS_A_TURN, write, end, streams: [response] });
  };
  const partner = (port) => Partner.script('subscriber', port);
  peer.accept(serve(listener, partner, (reports) => afterAll(() => ({ reports }))));
}

function events() {
  const line = builtLines();
  return (i) => `data: ${line(i)}\n`;
}

/** A client that makes `writes` requests over kept connections, each when it has an answer. */
function request(method) {
  return async (open, { writes, chunk }, afterAll) => {
    const responder = Partner.script('responder');
    const { port } = await responder.listening;
    const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
    agent.createConnection = (target) => open(0, { port: target.port });
    let [sent, answered] = [0, 0];
    const next = () => {
      if (sent === writes) return;
      const body = chunk(sent++);
      const headers = method === 'GET' ? {} : { 'Content-Length': body.length };
      const afterHead = (response) => {
        let text = '';
        response.setEncoding('latin1').on('data', (part) => {
          text += part;
        });
        response.once('end', () => afterAnswer(text === (method === 'GET' ? 'done' : body)));
      };
      const options = { agent, port, method, headers };
      http.request(options, afterHead).end(method === 'GET' ? undefined : body);
    };
    const afterAnswer = (isRight) => {
      if (!isRight) throw new Error('the answer is not what was sent');
      answered += 1;
      if (answered < writes) {
        next();
        return;
      }
      agent.destroy();
      responder.end().then(() => afterAll());
    };
    for (let lane = 0; lane < CONNECTIONS; lane += 1) next();
  };
}

/** A flood of WebSocket messages, a hundred in each turn. */
async function flood(open, { writes, chunk }, afterAll) {
  const { WebSocket } = require('ws');
  const receiver = Partner.script('ws-receiver');
  const { port } = await receiver.listening;
  let socket;
  const createConnection = () => {
    socket = open(0, { port });
    return socket;
  };
  const client = new WebSocket(`ws://127.0.0.1:${port}`, {
    createConnection,
    perMessageDeflate: false,
  });
  const write = (i) => client.send(chunk(i));
  const end = () => client.close();
  client.once('open', () =>
    inTurns({ writes, atOnce: MESSAGES_A_TURN, write, end, streams: [socket] }),
  );
  client.once('close', async () => {
    const [, ...reports] = await receiver.end();
    afterAll(() => ({ reports }));
  });
}

const client = { sink: 'none', needs: 'server', cost: 'cpu' };
const server = { sink: 'none', needs: 'accept', cost: 'cpu' };

module.exports = [
  fileRow('http-log', 'an HTTP server that logs each request, CPU', 10_000, builtLines, {
    phases: ['fresh'],
    drive: serveAndLog,
    needs: 'server',
    cost: 'cpu',
  }),
  fileRow('http-pino', 'an HTTP server with pino at the same load, latency', 4_000, pinoLines, {
    phases: ['steady'],
    drive: serveAndPino,
    cost: 'latency',
    baseline: sonicBoom.name,
    peers: [sonicBoom, rushwrite, ourSonicBoom],
  }),
  socketRow('http-client', 'an HTTP client that posts, CPU', 5_000, builtLines, {
    ...client,
    drive: request('POST'),
  }),
  socketRow('http-get', 'an HTTP client that gets, CPU', 5_000, builtLines, {
    ...client,
    drive: request('GET'),
  }),
  socketRow('http-server', 'an HTTP server over accepted sockets, CPU', 10_000, builtLines, {
    ...server,
    drive: serveLines,
  }),
  socketRow('sse', 'server-sent events, 20 res.write a turn, CPU', 100_000, events, {
    ...server,
    sink: 'clients',
    drive: sendEvents,
  }),
  socketRow('ws', 'a flood of WebSocket messages, CPU', 100_000, builtLines, {
    ...client,
    sink: 'clients',
    drive: flood,
  }),
];
