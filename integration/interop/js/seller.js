// Sells a file into a pool: reads the criteria, seals, offers, has it validated, serves it and
// delivers the key. Usage:
//
//     node seller.js '{"rpc", "mnemonic", "pool", "data" (NDJSON file), "out" (folder)}'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { take } from './lib/ack.js'
import { acceptsOf, Chain, factsOf, until } from './lib/chain.js'
import * as contexts from './lib/contexts.js'
import { utf8 } from './lib/bytes.js'
import { element, g, prove, randomScalar, relations } from './lib/group.js'
import { dialable, Node, presence, report } from './lib/node.js'
import { project } from './lib/records.js'
import { plain, validation } from './lib/protos.js'
import { aes, base, sealDataset } from './lib/seal.js'
import { Wire } from './lib/wire.js'

const config = JSON.parse(process.argv[2])

// offer puts a sealed dataset on chain: the seller's consent to exactly these fields and terms.
async function offer(chain, pool, fields, sealed) {
  const { dataset, s } = sealed
  const chosen = (await chain.validators()).filter((v) => pool.validators.includes(v.address))
  const k = pool.requiredCertificates
  const commissions = chosen.map((v) => v.commissionBp).sort((a, b) => b - a).slice(0, k)
  const { params } = await chain.ask('Params', {})
  const text = fields.reduce((sum, f) => sum + utf8(f).length, 0)
  const deposit = BigInt(params.offerDeposit) + BigInt(params.depositPerByte) * BigInt(text) + BigInt(chosen.length) * BigInt(pool.verdictReward)
  const { dealId } = await chain.send('Offer', {
    seller: chain.address, poolId: pool.id, dataset, validators: chosen.map((v) => v.address),
    agreements: pool.terms.map((t) => ({ termId: t.id, agreed: true })), disclosedFields: fields, price: { denom: pool.denom, amount: pool.price },
    maxCommissionBp: commissions.reduce((a, b) => a + b, 0), maxDeposit: { denom: pool.denom, amount: String(deposit) },
    termsHash: contexts.terms(pool.terms),
    possession: prove(relations.pop, contexts.offerDataset(chain.id, pool.id, chain.address, dataset.root), [dataset.datasetKey], [s]),
  })
  return { dealId, chosen }
}

// validate opens the dataset to a validator, and asks until it has certified it.
async function validate(node, dealId, sealed, validator) {
  const { dataset, M, s } = sealed
  const [Request, Progress] = [validation('Request'), validation('Progress')]
  const proof = prove(relations.dleq, contexts.openDataset(node.chain.id, dealId, validator.address),
    [dataset.datasetKey, base(dataset.datasetKey, dataset.nonce), M], [s])
  const [address] = dialable(validator.addresses, validator.peerId)
  await until(`verdict of ${validator.address}`, async () => {
    const { remotePeer } = await node.libp2p.dial(address)
    const wire = new Wire(await node.open(remotePeer, 'validate'), AbortSignal.timeout(90_000))
    await wire.send(Request, { dealId, opening: M, proof })
    for (;;) {
      const p = plain(Progress, await wire.receive(Progress, 65536))
      if (p.stage === 'STAGE_FAILED') throw new Error(p.message)
      if (p.stage !== 'STAGE_DONE') continue
      report('validated', { deal: dealId, verdict: p.verdict.accepted ? 'accept' : `reject ${p.verdict.reason}` })
      wire.reset()
      return true
    }
  })
}

// mayDeliver compares the deal with what was offered: a delivery that it does not pay for gives
// the key away.
function mayDeliver(chain, offered, deal, voucher) {
  const ready = deal.state === 'DEAL_STATE_ACKED' || (deal.state === 'DEAL_STATE_CERTIFIED' && voucher)
  if (!ready) return false
  if (deal.seller !== chain.address || Buffer.compare(Buffer.from(offered), Buffer.from(factsOf(chain.id, deal.pool, deal))) !== 0) {
    throw new Error('the deal is not what was offered')
  }
  return true
}

async function deliver(chain, deal, sealed, voucher) {
  const { dataset, M, s } = sealed
  const H = base(dataset.datasetKey, dataset.nonce)
  const B = element(deal.buyerKey)
  const r = randomScalar()
  const [d1, d2] = [g.multiply(r), element(M).add(B.multiply(r))].map((point) => point.toBytes())
  const ack = voucher ? voucher.ackHeight : deal.ackHeight
  const context = contexts.delivery(chain.id, {
    pool: deal.poolId, deal: deal.id, seller: deal.seller, buyer: deal.buyer, denom: deal.denom, price: deal.price,
    cert: contexts.certificates(dataset, deal.criteriaCid, acceptsOf(deal)), ack,
  })
  const proof = prove(relations.deliver, context, [dataset.datasetKey, H, B, d1, d2], [s, r])
  await chain.send('Deliver', { seller: chain.address, dealId: deal.id, d1, d2, proof, ...(voucher ? { voucher } : {}) })
  report('delivered', { deal: deal.id, verdict: voucher ? 'voucher' : 'ack' })
}

const chain = await Chain.connect(config.rpc, config.mnemonic)
report('account', { account: chain.address })
await chain.funded()
const parties = new Set()
const node = await Node.start(chain, { tied: (account) => parties.has(account) })
await node.join()
const pool = await chain.pool(config.pool)
const criteria = await node.readCriteria(pool)
const fields = criteria.fields.filter((f) => f.required).map((f) => f.pointer)
const plaintext = utf8(project(readFileSync(config.data, 'utf8'), fields))
const file = join(config.out, 'disclosed')
writeFileSync(file, plaintext)
const sealed = sealDataset(randomBytes(32), randomBytes(32), aes, plaintext)
const { dealId, chosen } = await offer(chain, pool, fields, sealed)
report('offered', { deal: dealId, file, bytes: plaintext.length })
const deal = async () => ({ ...(await chain.deal(dealId)), pool })
const offered = factsOf(chain.id, pool, await deal())
for (const account of [pool.buyer, ...chosen.map((v) => v.address)]) parties.add(account)
let voucher = null
await node.handle('ack', async (stream, peer) => { voucher = (await take(stream, node.account(peer), chain, () => dealId)) ?? voucher })
node.holder.put(sealed.dataset.root, sealed.ciphertext, false)
await node.provide(presence(chain.id, pool.id, 'seller'))
await node.provideBlob(sealed.dataset.root)
await Promise.all(chosen.map((v) => validate(node, dealId, sealed, v)))
const ready = await until('ack', async () => {
  const now = await deal()
  return mayDeliver(chain, offered, now, voucher) && (!voucher || (await chain.height()) > Number(voucher.ackHeight)) && now
})
await deliver(chain, ready, sealed, ready.state === 'DEAL_STATE_CERTIFIED' ? voucher : null)
await until('payment', async () => (await deal()).state === 'DEAL_STATE_FINAL')
const { amount } = await chain.send('Withdraw', { address: chain.address })
report('paid', { amount })
await node.stop()
report('done')
process.exit(0)
