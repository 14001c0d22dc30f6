// Known answers that the conformance kit does not ask about: see answers.js.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { hex, unhex } from './lib/bytes.js'
import * as contexts from './lib/contexts.js'
import * as criteria from './lib/criteria.js'
import { sealDataset } from './lib/seal.js'
import { project } from './lib/records.js'
import { cidBytes, cidText, readSlice, rootOf, slice } from './lib/tree.js'

const exchange = new URL('../../../exchange/', import.meta.url)
const load = (path) => JSON.parse(readFileSync(new URL(path, exchange)))

test('contexts', () => {
  for (const { context: c, context_hash: want } of load('proof/testdata/deliver-v1.json')) {
    if (!c || c.module !== 'panacea.datapool.v3') continue
    const got = contexts.delivery(c.chain_id, { ...c, pool: c.pool_id, deal: c.deal_id, cert: unhex(c.cert_hash), ack: c.ack_height })
    assert.equal(hex(got), want)
  }
})

test('slices', async () => {
  const first = load('seal/testdata/segments.json')[0]
  const made = new Map()
  for (const v of load('bao/testdata/slices.json')) {
    if (!made.has(v.plaintext_len)) {
      const plaintext = Uint8Array.from({ length: v.plaintext_len }, (_, k) => (7 * k) % 256)
      made.set(v.plaintext_len, sealDataset(unhex(first.master), unhex(first.nonce), first.aead, plaintext).ciphertext)
    }
    const blob = made.get(v.plaintext_len)
    assert.equal(hex(rootOf(blob)), v.root)
    const got = slice(blob, v.segment, 1)
    assert.equal(got.length, v.slice_len)
    assert.equal(hex(rootOf(got)), v.slice_blake3)
    let at = 0
    const take = (bytes) => async (n) => bytes.subarray(at, (at += n))
    await readSlice(unhex(v.root), blob.length, v.segment, 1, take(got))
    assert.equal(at, got.length)
    at = 0
    await assert.rejects(readSlice(unhex(v.root), blob.length + 1, v.segment, 1, take(got)))
  }
})

// The example of version 2 on the page of criteria, with its report.
test('criteria', () => {
  const page = readFileSync(new URL('../../../docs/spec/criteria.md', import.meta.url), 'utf8')
  const fenced = (language) => [...page.matchAll(new RegExp('```' + language + '\\n([\\s\\S]*?)```', 'g'))].map((m) => m[1])
  const text = fenced('json').at(-1)
  const [data, projected] = fenced('ndjson').slice(-2)
  const want = Object.fromEntries(fenced('text').at(-1).trim().split('\n').map((line) => line.split(/\s+(.*)/)))
  const document = JSON.parse(text)
  const fields = document.fields.map((f) => f.pointer)
  assert.equal(project(data, fields), projected)
  const report = criteria.check(document, fields, Buffer.from(projected))
  const { record, path, rule } = report.findings[0]
  assert.equal(`${record} ${path} ${rule}`, want.finding)
  assert.deepEqual([report.records, report.bytes, report.total, report.reason].map(String), [want.records, want.bytes, want.total, want.reason])
  const root = rootOf(Buffer.from(text))
  assert.equal(cidText(root), want.criteria)
  assert.equal(hex(criteria.hash(cidBytes(root), report)), want.hash)
})
