'use strict';
// Plays scenarios with the npm client `ali-ons` and prints a line of JSON per fact, as the Java program does:
//   node scenarios.js --modules DIR --namesrv HOST:PORT --run ID [--server NAME] [--only NAME,NAME]
const { createRequire } = require('module');
const crypto = require('crypto');
const path = require('path');

const options = {};
for (let i = 2; i + 1 < process.argv.length; i += 2) options[process.argv[i].replace(/^--/, '')] = process.argv[i + 1];
const { Producer, Consumer, Message } = createRequire(path.join(options.modules, 'x.js'))('ali-ons');

const PATIENCE_MILLIS = 90000;
const LATE_MILLIS = 30000;
const quiet = { info() {}, warn() {}, debug() {}, error(...words) { console.error(...words.map(String)); } };
// The client insists on one, though it asks it for nothing when it is told the name server.
const httpclient = { request() { throw new Error('the name server is given, nothing is to be looked up'); } };
const report = line => process.stdout.write(JSON.stringify(line) + '\n');
const hash = body => body.length + ':' + crypto.createHash('sha256').update(body).digest('hex').slice(0, 24);

class Stage {
  constructor(name) {
    this.name = name;
    this.closers = [];
    this.instances = 0;
    this.sent = new Map();
    this.topic = `V_${options.run}_${name}`;
    this.group = `G_${options.run}_${name}`;
  }

  fact(fact, value) { report({ scenario: this.name, fact, value: String(value) }); }

  check(holds, sentence) { if (!holds) throw new Error(sentence); }

  equals(expected, found, what) { this.check(expected === found, `${what} is ${found}, expected ${expected}`); }

  config(more) {
    return Object.assign({
      nameSrv: options.namesrv, httpclient, logger: quiet, instanceName: `${this.name}-${options.run}-${++this.instances}`,
      pollNameServerInteval: 1000, heartbeatBrokerInterval: 3000, rebalanceInterval: 1000, persistConsumerOffsetInterval: 500,
    }, more);
  }

  async producer() {
    const producer = new Producer(this.config({ producerGroup: 'P_' + this.group }));
    producer.on('error', error => console.error(this.name, error.message));
    await producer.ready();
    this.closers.push(() => producer.close());
    await this.createTopic(producer._mqClient);
    return producer;
  }

  // This client makes no topic by sending to it, so it is told to; only its inner client can be.
  async createTopic(client) {
    const route = await client.getDefaultTopicRouteInfoFromNameServer('TBW102');
    await client.createTopic(route.brokerDatas[0].brokerAddrs[0], 'TBW102', {
      topicName: this.topic, readQueueNums: 4, writeQueueNums: 4, perm: 6, topicFilterType: 'SINGLE_TAG', topicSysFlag: 0, order: false,
    });
    for (let known = false; !known;) {
      known = await client.getDefaultTopicRouteInfoFromNameServer(this.topic).then(() => true, () => false);
    }
  }

  // A message that is expected to arrive: a number of its own, and the hash of its body.
  message(tags, body, ledger = this.sent) {
    const message = new Message(this.topic, tags, body);
    const number = String(ledger.size + 1) + tags;
    message.properties.verificationNumber = number;
    ledger.set(number, hash(Buffer.from(body)));
    return message;
  }

  async send(producer, message) {
    const result = await producer.send(message);
    this.equals('SEND_OK', result.sendStatus, 'the answer to a send');
    return result;
  }

  // Starts a consumer that puts what comes into an inbox; `taken` may ask for a retry.
  async consumer(tags, inbox, { group = this.group, taken = () => undefined, more = {} } = {}) {
    const consumer = new Consumer(this.config(Object.assign({ consumerGroup: group, consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' }, more)));
    consumer.on('error', error => console.error(this.name, error.message));
    consumer.subscribe(this.topic, tags, async message => {
      inbox.push({ message, number: message.properties.verificationNumber, at: Date.now() });
      return taken(message);
    });
    await consumer.ready();
    this.closers.push(() => consumer.close());
    return consumer;
  }

  async await(what, condition) {
    const end = Date.now() + PATIENCE_MILLIS;
    while (!condition()) {
      if (Date.now() > end) throw new Error(`waited ${PATIENCE_MILLIS / 1000} s for ${what}`);
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }

  // All of the ledger came, byte for byte and nothing else.
  async awaitAll(inbox, ledger = this.sent) {
    const distinct = () => new Set(inbox.map(receipt => receipt.number)).size;
    await this.await(`${ledger.size} messages, of which ${distinct()} are there`, () => distinct() >= ledger.size);
    for (const { number, message } of inbox) {
      this.check(ledger.has(number), `message ${number} with tag ${message.tags} was not for this reader`);
      this.equals(ledger.get(number), hash(message.body), `the body of message ${number}`);
    }
    this.fact('sent', ledger.size);
    this.fact('received', inbox.length);
  }

  once(inbox, ledger = this.sent) { this.equals(ledger.size, inbox.length, 'the number of deliveries'); }

  async close() {
    for (const close of this.closers.reverse()) await close();
  }
}

const numbered = (stage, i) => stage.message('T', crypto.randomBytes(1 + (i * 7) % 300));

const scenarios = {
  async 'retry-default-delay'(stage) {
    const producer = await stage.producer();
    for (let i = 0; i < 5; i++) await stage.send(producer, numbered(stage, i));
    const inbox = [];
    await stage.consumer('*', inbox, { taken: message => (message.reconsumeTimes === 0 ? Consumer.ACTION_RETRY : undefined) });
    await stage.await('two deliveries of each message', () => inbox.length >= 10);
    const first = new Map();
    for (const { number, at, message } of inbox) {
      stage.equals(stage.sent.get(number), hash(message.body), 'the body of a retry');
      if (first.has(number)) {
        const gap = at - first.get(number);
        stage.check(gap >= 9900 && gap <= 10000 + LATE_MILLIS, `the retry came after ${gap} ms`);
        stage.equals(1, message.reconsumeTimes, 'the retry count');
      } else first.set(number, at);
    }
    stage.equals(10, inbox.length, 'the number of deliveries');
  },

  async 'delay-levels'(stage) {
    const producer = await stage.producer();
    const begun = new Map();
    for (let i = 0; i < 9; i++) {
      const message = numbered(stage, i);
      message.delayTimeLevel = i % 3;
      begun.set(message.properties.verificationNumber, { at: Date.now(), asked: [0, 1000, 5000][i % 3] });
      await stage.send(producer, message);
    }
    const inbox = [];
    await stage.consumer('*', inbox);
    await stage.awaitAll(inbox);
    stage.once(inbox);
    for (const { number, at } of inbox) {
      const late = at - begun.get(number).at - begun.get(number).asked;
      stage.check(late >= 0 && late <= LATE_MILLIS, `a message came ${late} ms after its delay`);
    }
  },

  // The client has no names for these delays; an application sets the properties itself.
  async 'timer-delays'(stage) {
    const producer = await stage.producer();
    const begun = new Map();
    for (const delay of [ 1, 250, 1500, 2345 ]) {
      for (const property of [ 'TIMER_DELAY_MS', 'TIMER_DELIVER_MS' ]) {
        const message = numbered(stage, delay);
        const at = Date.now();
        message.properties[property] = String(property === 'TIMER_DELAY_MS' ? delay : at + delay);
        begun.set(message.properties.verificationNumber, { at, asked: delay });
        await stage.send(producer, message);
      }
    }
    const inbox = [];
    await stage.consumer('*', inbox);
    await stage.awaitAll(inbox);
    stage.once(inbox);
    const early = options.server === 'merlin' ? 0 : 1100; // RocketMQ rounds down to the second
    for (const { number, at } of inbox) {
      const late = at - begun.get(number).at - begun.get(number).asked;
      stage.check(late >= -early && late <= LATE_MILLIS, `a message came ${late} ms after its delay of ${begun.get(number).asked} ms`);
    }
  },

  async 'sql-push'(stage) {
    const producer = await stage.producer();
    const wanted = new Map();
    for (let i = 0; i < 60; i++) {
      const takes = i % 10 >= 3 && i % 10 <= 5 && i % 3 !== 0;
      const message = stage.message(i % 3 === 0 ? 'A' : 'B', `body ${i}`, takes ? wanted : stage.sent);
      message.properties.age = String(i % 10);
      await stage.send(producer, message);
    }
    const inbox = [];
    await stage.consumer({ expressionType: 'SQL92', subString: "age BETWEEN 3 AND 5 AND TAGS <> 'A'" }, inbox);
    await stage.awaitAll(inbox, wanted);
    stage.once(inbox, wanted);
  },

  async 'send-and-push'(stage) {
    const producer = await stage.producer();
    for (let i = 0; i < 100; i++) await stage.send(producer, numbered(stage, i));
    const inbox = [];
    await stage.consumer('*', inbox);
    for (let i = 0; i < 50; i++) await stage.send(producer, numbered(stage, i));
    await stage.awaitAll(inbox);
    stage.once(inbox);
  },

  async 'send-many-at-once'(stage) {
    const producer = await stage.producer();
    await stage.send(producer, numbered(stage, 0));
    await Promise.all(Array.from({ length: 100 }, (_, i) => stage.send(producer, numbered(stage, i))));
    const inbox = [];
    await stage.consumer('*', inbox, { more: { parallelConsumeLimit: 8 } });
    await stage.awaitAll(inbox);
    stage.once(inbox);
  },

  async tags(stage) {
    const producer = await stage.producer();
    const wanted = new Map();
    for (let i = 0; i < 80; i++) {
      const tag = [ 'A', 'C', 'B', 'AB' ][i % 4];
      await stage.send(producer, stage.message(tag, `body ${i}`, tag === 'A' || tag === 'B' ? wanted : stage.sent));
    }
    for (let i = 0; i < 8; i++) await stage.send(producer, stage.message('A', `last ${i}`, wanted));
    const inbox = [];
    await stage.consumer('A || B', inbox);
    await stage.awaitAll(inbox, wanted);
    stage.once(inbox, wanted);
  },

  async 'round-trip'(stage) {
    const producer = await stage.producer();
    const message = stage.message('标签', 'Привет 你好 🐦');
    message.keys = [ 'key-a', 'key-b' ];
    message.properties['überschrift'] = 'Größe 大小 🐦 "quoted" \\ {braces}';
    const result = await stage.send(producer, message);
    const inbox = [];
    await stage.consumer('标签', inbox);
    await stage.awaitAll(inbox);
    const got = inbox[0].message;
    stage.equals('标签', got.tags, 'the tag');
    stage.equals('key-a key-b', got.keys, 'the keys');
    stage.equals('Größe 大小 🐦 "quoted" \\ {braces}', got.properties['überschrift'], 'a property');
    stage.equals(Number(result.messageQueue.queueId), Number(got.queueId), 'the queue');
    stage.equals(result.queueOffset, Number(got.queueOffset), 'the queue offset');
  },

  async 'body-sizes'(stage) {
    const producer = await stage.producer();
    for (const bytes of [ 1, 2, 127, 4095, 4096, 5000, 65536, 1000000 ]) {
      await stage.send(producer, stage.message('T', crypto.randomBytes(bytes)));
      await stage.send(producer, stage.message('T', 'compresses well '.repeat(1 + (bytes >> 4))));
    }
    const inbox = [];
    await stage.consumer('*', inbox);
    await stage.awaitAll(inbox);
    stage.once(inbox);
  },

  async 'order-per-key'(stage) {
    const producer = await stage.producer();
    // The client spreads the keys that belong to queue 0 over all queues, so those have no order to look at.
    const keys = Array.from({ length: 40 }, (_, i) => 'key' + i)
      .filter(key => crypto.createHash('md5').update(key).digest().readUInt32BE() % 4 !== 0).slice(0, 6);
    for (let i = 0; i < 120; i++) {
      const message = stage.message('T', `step ${i}`);
      message.shardingKey = keys[i % keys.length];
      message.properties.step = String(Math.floor(i / keys.length));
      await stage.send(producer, message);
    }
    const inbox = [];
    await stage.consumer('*', inbox);
    await stage.awaitAll(inbox);
    const next = {};
    for (const { message } of inbox) {
      const due = next[message.shardingKey] = (next[message.shardingKey] || 0) + 1;
      stage.equals(String(due - 1), message.properties.step, `the step of ${message.shardingKey}`);
    }
  },

  async clustering(stage) {
    const producer = await stage.producer();
    for (let i = 0; i < 10; i++) await stage.send(producer, numbered(stage, i));
    const inboxes = [ [], [] ];
    for (const inbox of inboxes) await stage.consumer('*', inbox);
    await stage.await('both consumers to have queues', () => {
      stage.pending = (stage.pending || Promise.resolve()).then(() => stage.send(producer, numbered(stage, 1)));
      return inboxes.every(inbox => inbox.length > 0);
    });
    await stage.pending;
    await stage.await('all messages', () => new Set(inboxes.flat().map(r => r.number)).size >= stage.sent.size);
    await stage.awaitAll(inboxes.flat());
    stage.fact('received by each', inboxes.map(inbox => inbox.length).join(' and '));
  },

  async 'offsets-resume'(stage) {
    const producer = await stage.producer();
    for (let i = 0; i < 40; i++) await stage.send(producer, numbered(stage, i));
    const first = [];
    const consumer = await stage.consumer('*', first);
    await stage.awaitAll(first);
    await stage.await('commits, which the client sends every 500 ms and does not tell of', (end => () => Date.now() > end)(Date.now() + 3000));
    await consumer.close();
    stage.closers.pop();
    const after = new Map();
    for (let i = 0; i < 30; i++) await stage.send(producer, stage.message('L', `later ${i}`, after));
    const second = [];
    await stage.consumer('*', second);
    await stage.awaitAll(second, after);
    stage.once(second, after);
  },
};

async function play(name) {
  const stage = new Stage(name);
  const began = Date.now();
  try {
    await scenarios[name](stage);
    report({ scenario: name, result: 'passed', millis: String(Date.now() - began) });
    return true;
  } catch (error) {
    report({ scenario: name, result: 'failed', millis: String(Date.now() - began), sentence: error.stack });
    return false;
  } finally {
    await Promise.race([ stage.close().catch(error => console.error(error)), new Promise(resolve => setTimeout(resolve, 5000)) ]);
  }
}

async function main() {
  const known = Object.keys(scenarios);
  const names = options.only ? options.only.split(',').filter(name => known.includes(name)) : known;
  report({ scenarios: (names.length ? names : known).join(' ') });
  const results = await Promise.all((names.length ? names : known).map(play));
  process.exit(results.every(Boolean) ? 0 : 1);
}

process.on('unhandledRejection', error => console.error('unhandled', error));
main();
