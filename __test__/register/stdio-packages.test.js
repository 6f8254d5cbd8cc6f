'use strict';

// RUSHWRITE_STDIO=1: packages that print, and look at what they print to, print the same.

const { parityWired } = require('../harness/stdio');

const programs = {
  async chalk() {
    process.env.FORCE_COLOR = '1';
    const { default: chalk, supportsColor } = await import('chalk');
    for (let i = 0; i < 20; i++) console.log(chalk.red('red'), chalk.bold.bgBlue(`blue ${i}`));
    console.error(chalk.underline('underlined'), supportsColor);
  },

  async ora() {
    const { default: ora } = await import('ora');
    const spinner = ora({ text: 'spinning', stream: process.stdout }).start();
    console.log('meanwhile');
    console.log('and again');
    spinner.text = 'nearly done';
    spinner.succeed('done');
    const other = ora('on stderr').start();
    other.fail('failed');
    console.log('last');
  },

  'cli-progress'() {
    const { SingleBar, Presets } = require('cli-progress');
    for (const stream of [process.stdout, process.stderr]) {
      const options = { stream, noTTYOutput: true, notTTYSchedule: 1e9, etaBuffer: 1 };
      const bar = new SingleBar({ ...options, format: '{bar} {value}' }, Presets.shades_classic);
      bar.start(20, 0);
      for (let i = 0; i < 20; i++) bar.increment();
      bar.stop();
      console.log('behind the bar');
    }
  },

  'cli-table3'() {
    const Table = require('cli-table3');
    const table = new Table({ head: ['a', 'b'], style: { head: [] } });
    for (let i = 0; i < 30; i++) table.push([i, '漢'.repeat(i)]);
    console.log(table.toString());
    console.log('behind the table');
  },

  winston() {
    const winston = require('winston');
    const transports = [new winston.transports.Console({ stderrLevels: ['error'] })];
    const logger = winston.createLogger({ format: winston.format.json(), transports });
    for (let i = 0; i < 50; i++) logger.info('a record', { i });
    console.log('between');
    logger.error('an error');
    logger.end();
  },

  pino() {
    const pino = require('pino');
    const destination = pino.destination({ fd: 1, sync: true });
    const logger = pino({ timestamp: false, base: null }, destination);
    for (let i = 0; i < 50; i++) {
      console.log('before', i);
      console.log('twice', i);
      logger.info({ i }, 'a record');
    }
  },

  bunyan() {
    const bunyan = require('bunyan');
    const fields = { time: new Date(0), pid: 0, hostname: 'host' };
    const streams = [{ stream: process.stdout }, { stream: process.stderr, level: 'error' }];
    const logger = bunyan.createLogger({ name: 'test', streams });
    for (let i = 0; i < 50; i++) logger.info({ ...fields, i }, 'a record');
    logger.error(fields, 'an error');
    process.exit(2);
  },
};

for (const [name, body] of Object.entries(programs)) parityWired(name, body);
