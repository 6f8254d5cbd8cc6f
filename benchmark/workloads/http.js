'use strict';

/** HTTP in the measured process, its other side in another one: what a request costs in CPU. */

const { spawn } = require('node:child_process');
const http = require('node:http');
const path = require('node:path');
const { builtLines } = require('./content.js');
const { opened } = require('./drives.js');
const { fileRow, socketRow } = require('./rows.js');

const CONNECTIONS = 8;

/** Starts the other side in run/NAME.js. What has no end of its own ends with its stdin. */
function other(name, ...args) {
  const script = path.join(__dirname, '..', 'run', `${name}.js`);
  const stdio = ['pipe', 'pipe', 'inherit'];
  return spawn(process.execPath, [script, ...args.map(String)], { stdio });
}

/** A server that logs a line for each of `writes` requests. */
function serveAndLog(open, { writes, chunk }, afterAll) {
  const stream = opened(open, 0, afterAll);
  let i = 0;
  const server = http.createServer((_request, response) => {
    stream.write(chunk(i++));
    response.end('done');
  });
  server.listen(0, '127.0.0.1', () => {
    other('requester', server.address().port, writes, CONNECTIONS).once('close', () => {
      if (i !== writes) throw new Error(`${i} of ${writes} requests came`);
      server.close();
      stream.end();
    });
  });
}

/** A client that sends `writes` requests over kept connections, each when it has an answer. */
function request(open, { writes, chunk }, afterAll) {
  const responder = other('responder');
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let [sent, answered] = [0, 0];
  const next = () => {
    if (sent === writes) return;
    const body = chunk(sent++);
    const headers = { 'Content-Length': body.length };
    const options = { agent, port, method: 'POST', headers };
    http.request(options, (response) => response.resume().once('end', afterAnswer)).end(body);
  };
  const afterAnswer = () => {
    answered += 1;
    if (answered < writes) {
      next();
      return;
    }
    agent.destroy();
    responder.once('close', () => afterAll());
    responder.stdin.end();
  };
  let port;
  responder.stdout.once('data', (text) => {
    port = Number(text);
    agent.createConnection = (target) => open(0, { port: target.port });
    for (let lane = 0; lane < CONNECTIONS; lane += 1) next();
  });
}

module.exports = [
  fileRow('http-log', 'an HTTP server that logs each request, CPU', 30_000, builtLines, {
    drive: serveAndLog,
    needs: 'server',
    cost: 'cpu',
  }),
  socketRow('http-client', 'an HTTP client, CPU for each request', 20_000, builtLines, {
    sink: 'none',
    drive: request,
    needs: 'server',
    cost: 'cpu',
  }),
];
