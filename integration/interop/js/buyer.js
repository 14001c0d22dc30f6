// Buys datasets: opens a pool, serves its criteria, pulls, acknowledges, opens. Usage:
//
//     node buyer.js '{"rpc", "mnemonic", "criteria" (file), "out" (folder), "count", "validators", "price"}'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { equal, hex } from './lib/bytes.js'
import { handOver } from './lib/ack.js'
import { acceptsOf, Chain, factsOf, until } from './lib/chain.js'
import * as contexts from './lib/contexts.js'
import { element, g, prove, randomScalar, relations, times, verify } from './lib/group.js'
import { blobKey, Node, presence, report } from './lib/node.js'
import { base, unseal } from './lib/seal.js'
import { cidBytes, rootOf } from './lib/tree.js'

const config = JSON.parse(process.argv[2])

async function createPool(chain, b) {
  const B = g.multiply(b).toBytes()
  const criteria = readFileSync(config.criteria)
  const { poolId } = await chain.send('CreatePool', {
    buyer: chain.address, buyerKey: B, keyProof: prove(relations.pop, contexts.poolKey(chain.id, chain.address), [B], [b]),
    price: { denom: 'umed', amount: String(config.price) }, escrow: { denom: 'umed', amount: String(config.price * config.count) },
    targetCount: config.count, criteriaCid: cidBytes(rootOf(criteria)), requiredCertificates: config.validators.length,
    validators: config.validators, ackMode: 'ACK_MODE_BUYER', terms: [{ id: 1, required: true, title: 'Research only' }],
    deadlines: { certify: {}, ack: {}, key: {}, dispute: {} }, expiryTime: { seconds: Math.floor(Date.now() / 1000) + 3600, nanos: 0 },
    title: 'A pool from JavaScript', mediaType: 'application/x-ndjson',
  })
  return { poolId, criteria }
}

// fetch pulls a ciphertext from whoever announces it, or the role of seller in the pool.
function fetch(node, deal) {
  const { root, size } = deal.dataset
  return node.find(`ciphertext of deal ${deal.id}`, [blobKey(root), presence(node.chain.id, deal.poolId, 'seller')], async (id) => {
    const account = await node.greet(id)
    const bytes = await node.pullFrom(id, root, Number(size))
    report('pulled', { deal: deal.id, from: account, peer: id.toString(), bytes: bytes.length })
    return bytes
  })
}

// openDelivery verifies a delivery and returns M.
function openDelivery(chainId, deal, b) {
  const cert = contexts.certificates(deal.dataset, deal.criteriaCid, acceptsOf(deal))
  const context = contexts.delivery(chainId, {
    pool: deal.poolId, deal: deal.id, seller: deal.seller, buyer: deal.buyer, denom: deal.denom, price: deal.price, cert, ack: deal.ackHeight,
  })
  const { d1, d2, proof } = deal.delivery
  const S = deal.dataset.datasetKey
  if (!verify(relations.deliver, context, [S, base(S, deal.dataset.nonce), deal.buyerKey, d1, d2], proof)) throw new Error('the delivery does not verify')
  return element(element(d2).subtract(times(element(d1), b))).toBytes()
}

// acknowledge says that the ciphertext is here: to the seller by a voucher if so configured,
// else on chain.
async function acknowledge(node, pool, deal) {
  const { chain } = node
  if (config.voucher) {
    await node.find(`seller of deal ${deal.id}`, [presence(chain.id, pool.id, 'seller')], async (id) => {
      if ((await node.greet(id)) !== deal.seller) throw new Error('not the seller')
      if (!(await handOver(await node.libp2p.dialProtocol(id, node.protocol('ack')), chain, deal))) throw new Error('the voucher was not taken')
      return true
    })
  } else {
    await chain.send('Ack', { buyer: chain.address, dealIds: [deal.id], factsHashes: [factsOf(chain.id, pool, deal)] })
  }
  report('acked', { deal: deal.id })
}

async function buy(node, pool, id, b) {
  const { chain } = node
  const certified = await until(`certified deal ${id}`, async () => {
    const deal = await chain.deal(id)
    return deal.state === 'DEAL_STATE_CERTIFIED' && deal
  })
  const ciphertext = await fetch(node, certified)
  await acknowledge(node, pool, certified)
  const delivered = await until(`delivery of deal ${id}`, async () => {
    const deal = await chain.deal(id)
    return deal.delivery?.d1?.length === 32 && deal
  })
  if (!equal(factsOf(chain.id, pool, delivered), factsOf(chain.id, pool, certified))) throw new Error('the facts of the deal changed')
  const plaintext = unseal(openDelivery(chain.id, delivered, b), delivered.dataset, ciphertext)
  const file = join(config.out, `deal-${id}`)
  writeFileSync(file, plaintext)
  report('bought', { deal: id, file, bytes: plaintext.length, blake3: hex(rootOf(plaintext)) })
}

const chain = await Chain.connect(config.rpc, config.mnemonic)
report('account', { account: chain.address })
await chain.funded()
const node = await Node.start(chain, { webSocket: config.webSocket })
report('peer', { addresses: node.libp2p.getMultiaddrs().map(String) })
await node.join()
const b = randomScalar()
const { poolId, criteria } = await createPool(chain, b)
node.holder.put(rootOf(criteria), criteria, true)
await node.provideBlob(rootOf(criteria))
await node.provide(presence(chain.id, poolId, 'buyer'))
report('pool', { pool: poolId })
const pool = await chain.pool(poolId)
const deals = await until('offers', async () => {
  const found = await chain.deals(poolId)
  return found.length >= config.count && found
})
for (const { id } of deals) await buy(node, pool, id, b)
await node.stop()
report('done')
process.exit(0)
