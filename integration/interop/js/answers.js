// Answers the vectors of the conformance kit: a line of JSON for each question.
import { createInterface } from 'node:readline'
import { hex, unhex } from './lib/bytes.js'
import * as contexts from './lib/contexts.js'
import { relations, verify, verifyBlocks } from './lib/group.js'
import { base, blockBase, sealDataset } from './lib/seal.js'
import { segmentSize } from './lib/tree.js'

const { pop, dleq, deliver, open } = relations
const bytes = (v, ...names) => names.map((name) => unhex(v[name]))
const H = (v) => base(...bytes(v, 'S', 'nonce'))
const judged = (relation, elements) => (v) => ({ valid: verify(relation, unhex(v.context_hash), elements(v), unhex(v.proof)) })

const dataset = (v) => ({
  root: unhex(v.root), size: v.size, datasetKey: unhex(v.S), nonce: unhex(v.nonce), aead: v.aead, box: unhex(v.box),
  keyCommit: unhex(v.key_commit), plaintextCommitment: unhex(v.pc),
})

const answer = {
  'pop-v1': judged(pop, (v) => bytes(v, 'X')),
  'dleq-v1-opening': judged(dleq, (v) => [unhex(v.S), H(v), unhex(v.M)]),
  'dleq-v1-complaint': judged(dleq, (v) => [unhex(v.S), blockBase(...bytes(v, 'S', 'nonce'), v.block), unhex(v.M_j)]),
  'dleq-v1-blocks'(v) {
    const [S, nonce, proof] = bytes(v, 'S', 'nonce', 'proof')
    const bases = v.indices.map((j) => blockBase(S, nonce, j))
    return { valid: verifyBlocks(unhex(v.context_hash), S, nonce, v.indices, bases, v.M.map(unhex), proof, v.blocks) }
  },
  'deliver-v1': judged(deliver, (v) => [unhex(v.S), H(v), ...bytes(v, 'B', 'D1', 'D2')]),
  'open-v1-complaint': judged(open, (v) => bytes(v, 'B', 'D1', 'D2', 'M')),
  segments(v) {
    const plaintext = Uint8Array.from({ length: v.plaintext_len }, (_, k) => (7 * k + v.plaintext_add) % 256)
    const { ciphertext, dataset: d } = sealDataset(unhex(v.master), unhex(v.nonce), v.aead, plaintext)
    return {
      root: hex(d.root), box: hex(d.box), key_commit: hex(d.keyCommit), plaintext_commitment: hex(d.plaintextCommitment),
      ciphertext_len: ciphertext.length,
    }
  },
  sizes: (v) => ({ valid: v.ciphertext_len % segmentSize >= 16 && v.ciphertext_len <= 2 ** 44 }),
  'cert-hash'(v) {
    const accepts = (v.certificates ?? []).map((c) => ({
      validator: c.validator, reportHash: unhex(c.report), expiryHeight: c.expiry, commissionBp: c.commission_bp,
    }))
    return { cert_hash: hex(contexts.certificates(dataset(v), unhex(v.criteria_cid_bytes), accepts)) }
  },
  facts(f) {
    const [terms, fields] = [contexts.terms(f.terms), contexts.fields(f.fields)]
    const facts = contexts.facts(f.chain_id, { ...f, buyerKey: unhex(f.buyer_key), criteria: unhex(f.criteria), terms, fields, dataset: dataset(f) })
    return { facts_hash: hex(facts), terms_hash: hex(terms), fields_hash: hex(fields) }
  },
}

// What does not decode is not valid.
function judge({ kind, vector }) {
  try {
    return answer[kind](vector)
  } catch (error) {
    return { valid: false, error: error.message }
  }
}

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(judge(JSON.parse(line))))
