// Known answers of docs/spec/exchange.md, section 11, and docs/spec/transfer.md.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { hex, unhex, le64, equal } from './lib/bytes.js'
import * as contexts from './lib/contexts.js'
import * as criteria from './lib/criteria.js'
import { relations, verify, verifyBlocks } from './lib/group.js'
import { base, blockBase, openBox, sealDataset } from './lib/seal.js'
import { project } from './lib/records.js'
import { cidBytes, cidText, readSlice, rootOf, segments, slice } from './lib/tree.js'

const exchange = new URL('../../../exchange/', import.meta.url)
const load = (path) => JSON.parse(readFileSync(new URL(path, exchange)))

function eachProof(file, judge) {
  const list = load(`proof/testdata/${file}`)
  assert.ok(list.length > 3, file)
  for (const v of list) assert.equal(judge(v), v.valid, `${file}: ${v.name}`)
}

const guarded = (judge) => (v) => {
  try {
    return judge(v)
  } catch {
    return false
  }
}

test('proofs', () => {
  const { pop, dleq, deliver, open } = relations
  eachProof('pop-v1.json', (v) => verify(pop, unhex(v.context_hash), [unhex(v.X)], unhex(v.proof)))
  eachProof('dleq-v1-opening.json', guarded((v) =>
    verify(dleq, unhex(v.context_hash), [unhex(v.S), base(unhex(v.S), unhex(v.nonce)), unhex(v.M)], unhex(v.proof))))
  eachProof('dleq-v1-complaint.json', guarded((v) =>
    verify(dleq, unhex(v.context_hash), [unhex(v.S), blockBase(unhex(v.S), unhex(v.nonce), v.block), unhex(v.M_j)], unhex(v.proof))))
  eachProof('dleq-v1-blocks.json', guarded((v) => {
    const [S, nonce] = [unhex(v.S), unhex(v.nonce)]
    return verifyBlocks(unhex(v.context_hash), S, nonce, v.indices, v.indices.map((j) => blockBase(S, nonce, j)), v.M.map(unhex), unhex(v.proof), v.blocks)
  }))
  eachProof('deliver-v1.json', guarded((v) =>
    verify(deliver, unhex(v.context_hash), [unhex(v.S), base(unhex(v.S), unhex(v.nonce)), unhex(v.B), unhex(v.D1), unhex(v.D2)], unhex(v.proof))))
  eachProof('open-v1-complaint.json', (v) => verify(open, unhex(v.context_hash), [unhex(v.B), unhex(v.D1), unhex(v.D2), unhex(v.M)], unhex(v.proof)))
})

test('contexts', () => {
  for (const { context: c, context_hash: want } of load('proof/testdata/deliver-v1.json')) {
    if (!c || c.module !== 'panacea.datapool.v3') continue
    const got = contexts.delivery(c.chain_id, { ...c, pool: c.pool_id, deal: c.deal_id, cert: unhex(c.cert_hash), ack: c.ack_height })
    assert.equal(hex(got), want)
  }
})

test('sealing', () => {
  for (const v of load('seal/testdata/segments.json')) {
    const plaintext = Uint8Array.from({ length: v.plaintext_len }, (_, k) => (7 * k + v.plaintext_add) % 256)
    const { M, ciphertext, dataset } = sealDataset(unhex(v.master), unhex(v.nonce), v.aead, plaintext)
    assert.equal(hex(dataset.root), v.root)
    assert.equal(hex(dataset.box), v.box)
    assert.equal(hex(dataset.keyCommit), v.key_commit)
    assert.equal(hex(dataset.plaintextCommitment), v.plaintext_commitment)
    assert.equal(hex(M), v.M)
    assert.equal(ciphertext.length, v.ciphertext_len)
    openBox(M, dataset)
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
    assert.ok(segments(blob.length) > v.segment && equal(got.subarray(0, 8), le64(blob.length)))
  }
})

test('facts', () => {
  const f = load('attest/testdata/facts.json')
  const dataset = {
    root: unhex(f.root), size: f.size, datasetKey: unhex(f.S), nonce: unhex(f.nonce), aead: f.aead, box: unhex(f.box),
    keyCommit: unhex(f.key_commit), plaintextCommitment: unhex(f.pc),
  }
  const got = contexts.facts(f.chain_id, {
    ...f, buyerKey: unhex(f.buyer_key), criteria: unhex(f.criteria), terms: contexts.terms(f.terms), fields: contexts.fields(f.fields), dataset,
  })
  assert.equal(hex(got), f.facts_hash ?? f.hash ?? f.facts)
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
