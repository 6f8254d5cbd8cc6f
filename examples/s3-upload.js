'use strict';

// A multipart upload to S3 of what a program writes, line by line. Parts of one size are batches, so that
// no chunk is kept, and a retry of the client's sends the same part again.
//
//   node examples/s3-upload.js bucket key < file

const { createHash } = require('node:crypto');
const { pipeline } = require('node:stream/promises');
const s3 = require('@aws-sdk/client-s3');
const { Writable } = require('rushwrite');

const MIB = 1024 * 1024;
const MIN_PART_BYTES = 5 * MIB;
const MAX_PART_BYTES = 2 ** 31 - 1;

/** An object of at most `maxBytes`. Its parts are planned for that, since there can be but 10,000. */
class S3Upload extends Writable {
  #client;
  #target;
  #parts = [];
  #digests = [];
  /** Requests that were begun, and what ends them. */
  #underWay = new Set();
  #abort = new AbortController();

  constructor({ client, Bucket, Key, maxBytes = 48 * 1024 * MIB, maxParts = 10_000, ...options }) {
    const batchSize = Math.max(MIN_PART_BYTES, Math.ceil(maxBytes / maxParts));
    if (batchSize > MAX_PART_BYTES) throw new RangeError(`${maxBytes} bytes need too large parts`);
    super({ batchDelay: Infinity, concurrency: 2, ...options, batchSize });
    this.#client = client;
    this.#target = { Bucket, Key };
    this.maxParts = maxParts;
  }

  _construct(callback) {
    const created = this.#client.send(new s3.CreateMultipartUploadCommand(this.#target));
    created
      .then(({ UploadId }) => Object.assign(this.#target, { UploadId }))
      .then(() => callback(), callback);
  }

  _write(part, _encoding, callback) {
    this.#track(this.#upload(part), callback);
  }

  #track(request, callback) {
    this.#underWay.add(request);
    request.finally(() => this.#underWay.delete(request)).then(() => callback(), callback);
  }

  async #upload(part) {
    const PartNumber = this.#digests.length + 1;
    if (PartNumber > this.maxParts) throw new RangeError('The object is larger than maxBytes');
    const digest = createHash('md5').update(part).digest();
    this.#digests.push(digest);
    const input = {
      ...this.#target,
      PartNumber,
      Body: part,
      ContentMD5: digest.toString('base64'),
    };
    const abortSignal = this.#abort.signal;
    const answer = await this.#client.send(new s3.UploadPartCommand(input), { abortSignal });
    const { ETag } = answer;
    if (!isEncrypted(answer) && ETag !== `"${digest.toString('hex')}"`) {
      throw new Error(`Part ${PartNumber} was damaged`);
    }
    this.#parts[PartNumber - 1] = { PartNumber, ETag };
  }

  _final(callback) {
    this.#track(this.#complete(), callback);
  }

  async #complete() {
    // An empty object has one empty part.
    if (this.#digests.length === 0) await this.#upload(Buffer.alloc(0));
    const input = { ...this.#target, MultipartUpload: { Parts: this.#parts } };
    const answer = await this.#client.send(new s3.CompleteMultipartUploadCommand(input));
    const { ETag } = answer;
    const digest = createHash('md5').update(Buffer.concat(this.#digests)).digest('hex');
    // S3's own form; some servers have another.
    const isOfParts = !isEncrypted(answer) && ETag.endsWith(`-${this.#parts.length}"`);
    if (isOfParts && !ETag.startsWith(`"${digest}-`)) throw new Error('The object was damaged');
    this.#target.UploadId = undefined;
  }

  /**
   * What was not completed is given up: its parts would cost money for ever. A part that still came
   * behind that would stay, so all of them end first.
   */
  _destroy(error, callback) {
    this.#abort.abort();
    Promise.allSettled(this.#underWay)
      .then(() => this.#giveUp())
      .then(
        () => callback(error),
        (failure) => callback(error ?? failure),
      );
  }

  async #giveUp() {
    if (this.#target.UploadId === undefined) return;
    await this.#client.send(new s3.AbortMultipartUploadCommand(this.#target));
  }
}

/** The ETag of what S3 encrypts with such keys is no MD5; S3 itself compares `ContentMD5` in any case. */
function isEncrypted({ ServerSideEncryption, SSECustomerAlgorithm }) {
  return /^aws:kms/.test(ServerSideEncryption) || SSECustomerAlgorithm !== undefined;
}

async function main([Bucket, Key]) {
  await pipeline(process.stdin, new S3Upload({ client: new s3.S3Client({}), Bucket, Key }));
}

if (require.main === module) main(process.argv.slice(2));
module.exports = S3Upload;
