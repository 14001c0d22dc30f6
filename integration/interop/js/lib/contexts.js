// Contexts and hashes of a deal: docs/spec/exchange.md, section 6. Numbers of a deal come as
// the chain writes them, text or number.
import { sha512_256 } from '@noble/hashes/sha2.js'
import { be64, frames } from './bytes.js'

const module = 'panacea.datapool.v3'

function context(domain, chain, rest) {
  return sha512_256(frames([['domain', domain], ['chain', chain], ['module', module], ...rest]))
}

export const poolKey = (chain, buyer) => context('pool-key', chain, [['buyer', buyer]])

export const offerDataset = (chain, pool, seller, root) =>
  context('offer-dataset', chain, [['pool', be64(pool)], ['seller', seller], ['root', root]])

export const openDataset = (chain, deal, validator) =>
  context('open-dataset', chain, [['deal', be64(deal)], ['validator', validator]])

export const delivery = (chain, d) =>
  context('deliver', chain, [
    ['pool', be64(d.pool)], ['deal', be64(d.deal)], ['seller', d.seller], ['buyer', d.buyer], ['denom', d.denom],
    ['price', be64(d.price)], ['cert', d.cert], ['ack', be64(d.ack)],
  ])

const dataset = (d) => [
  ['root', d.root], ['size', be64(d.size)], ['S', d.datasetKey], ['nonce', d.nonce], ['aead', d.aead], ['box', d.box],
  ['key-commit', d.keyCommit], ['pc', d.plaintextCommitment],
]

// certificates is the certificate hash over the accepts that count, in the order of the chain.
export const certificates = (set, criteria, accepts) =>
  sha512_256(frames([
    ['domain', 'certificates'], ...dataset(set), ['criteria', criteria],
    ...accepts.flatMap((a) => [
      ['validator', a.validator], ['report', a.reportHash], ['expiry', be64(a.expiryHeight)], ['commission', be64(a.commissionBp)],
    ]),
  ]))

export const terms = (list) =>
  sha512_256(frames([
    ['domain', 'pool-terms'],
    ...list.flatMap((t) => [
      ['id', be64(t.id)], ['required', be64(t.required ? 1 : 0)], ['title', t.title ?? ''], ['description', t.description ?? ''],
    ]),
  ]))

export const fields = (list) => sha512_256(frames([['domain', 'disclosed-fields'], ...list.map((f) => ['field', f])]))

// facts is the hash of all that was fixed about a deal with its offer.
export const facts = (chain, d) =>
  context('deal-facts', chain, [
    ['pool', be64(d.pool)], ['deal', be64(d.deal)], ['seller', d.seller], ['buyer', d.buyer], ['buyer-key', d.buyerKey],
    ['denom', d.denom], ['price', be64(d.price)], ['k', be64(d.k)], ['criteria', d.criteria], ['terms', d.terms], ['fields', d.fields],
    ...dataset(d.dataset),
  ])

// report is the report hash of a certificate; what there is none of is 32 zero bytes.
export const report = (chain, deal, validator, digest, findings) =>
  context('report', chain, [['deal', be64(deal)], ['validator', validator], ['digest', digest], ['findings', findings]])
