// Validates datasets: registers, and certifies what sellers ask for. Usage:
//
//     node validator.js '{"rpc", "mnemonic", "bond", "deals" (how many to certify)}'
import { equal, hex } from './lib/bytes.js'
import { blocksOf, Chain, factsOf, seconds, until } from './lib/chain.js'
import * as contexts from './lib/contexts.js'
import * as criteria from './lib/criteria.js'
import { relations, verify } from './lib/group.js'
import { Node, report } from './lib/node.js'
import { plain, validation } from './lib/protos.js'
import { base, digest, openBox, unseal } from './lib/seal.js'
import { Wire } from './lib/wire.js'

const config = JSON.parse(process.argv[2])
const [Request, Progress] = [validation('Request'), validation('Progress')]
const zeros = new Uint8Array(32)
const [opening, ciphertext] = [1, 2]
let left = config.deals

// examine returns the verdict on a dataset: reason 0 accepts. say tells the asker of each stage.
async function examine(node, pool, deal, { opening: M, proof }, asker, say) {
  const { dataset } = deal
  const unread = (reason) => ({ reason, digest: zeros, result: criteria.unread(deal.disclosedFields, reason) })
  const context = contexts.openDataset(node.chain.id, deal.id, node.chain.address)
  if (!verify(relations.dleq, context, [dataset.datasetKey, base(dataset.datasetKey, dataset.nonce), M], proof)) return unread(opening)
  try {
    openBox(M, dataset)
  } catch {
    return unread(ciphertext)
  }
  const document = await node.readCriteria(pool)
  await say('STAGE_PULLING')
  await node.greet(asker)
  const sealed = await node.pullFrom(asker, dataset.root, Number(dataset.size))
  await say('STAGE_CHECKING')
  let plaintext
  try {
    plaintext = unseal(M, dataset, sealed)
  } catch {
    return unread(ciphertext) // what was pulled is verified under the deal's root
  }
  const result = criteria.check(document, deal.disclosedFields, plaintext)
  return { reason: result.reason, digest: digest(M, dataset, plaintext), result }
}

// reportHash is what a validator's certificate carries for a verdict.
function reportHash(chainId, deal, validator, verdict) {
  const findings = verdict.reason === 0 ? zeros : criteria.hash(deal.criteriaCid, verdict.result)
  return contexts.report(chainId, deal.id, validator, verdict.digest, findings)
}

async function certify(chain, pool, deal, verdict) {
  const { certify: time, ack } = deal.deadlines
  const expiry = (await chain.height()) + Math.max(432_000, 2 * (blocksOf(deal, seconds(time)) + blocksOf(deal, seconds(ack))))
  await chain.send('Certify', {
    validator: chain.address, dealId: deal.id, verdict: verdict.reason === 0 ? 1 : 2, reason: verdict.reason,
    reportHash: reportHash(chain.id, deal, chain.address, verdict), available: false, expiryHeight: expiry, factsHash: factsOf(chain.id, pool, deal),
  })
}

// isTied reports whether an account is party to a deal of this validator, or has an open pool that names it.
async function isTied(account) {
  const deals = await chain.list('Deals', 'deals', { validator: chain.address })
  if (deals.some((d) => d.seller === account || d.buyer === account)) return true
  const pools = await chain.list('Pools', 'pools', { buyer: account, status: 1 })
  return pools.some((p) => p.validators.includes(chain.address))
}

// answer serves one validation of one deal.
async function answer(node, stream, peer) {
  const { chain } = node
  const wire = new Wire(stream, AbortSignal.timeout(120_000))
  const say = (stage, more) => wire.send(Progress, { stage: Progress.parent.lookupEnum('Stage').values[stage], ...more })
  const request = plain(Request, await wire.receive(Request, 256))
  if (request.dealId === '0' || request.opening.length !== 32 || request.proof.length !== 64) throw new Error('not a request')
  const fail = async (message, retry) => {
    await say('STAGE_FAILED', { message, retry })
    await wire.close()
  }
  const account = node.account(peer)
  if (!account) return fail('greet first', true)
  const deal = await chain.deal(request.dealId).catch(() => null)
  if (deal?.seller !== account || !deal.validators.some((v) => v.address === chain.address)) return fail('not your deal', false)
  const pool = await chain.pool(deal.poolId)
  try {
    const verdict = await examine(node, pool, deal, request, node.peerOf(peer), say)
    const { reason, result: { findings, total } } = verdict
    const told = { accepted: reason === 0, reason, findings, reportHash: reportHash(chain.id, deal, chain.address, verdict), total }
    await say('STAGE_CERTIFYING', { pending: told })
    await certify(chain, pool, deal, verdict)
    await say('STAGE_DONE', { verdict: told }).catch(() => {}) // who saw the pending verdict may have left
    await compare(chain, deal.id, verdict)
  } catch (error) {
    report('failed', { deal: deal.id, why: error.message })
    return fail('it could not be checked', true)
  }
  await wire.close()
}

// compare waits for all verdicts and recomputes their report hashes.
async function compare(chain, id, verdict) {
  const deal = await until('other verdicts', async () => {
    const now = await chain.deal(id)
    return now.certificates.length === now.validators.length && now
  })
  for (const c of deal.certificates) {
    const same = equal(c.reportHash, reportHash(chain.id, deal, c.validator, verdict))
    report('certificate', { deal: id, account: c.validator, verdict: c.verdict, same, hash: hex(c.reportHash) })
  }
  left--
}

const chain = await Chain.connect(config.rpc, config.mnemonic)
report('account', { account: chain.address })
await chain.funded()
const node = await Node.start(chain, { tied: isTied })
await node.handle('validate', (stream, peer) => answer(node, stream, peer))
await chain.send('RegisterValidator', {
  validator: chain.address, bond: { denom: 'umed', amount: String(config.bond) }, commissionBp: 100, maxCommissionBp: 1000, maxCommissionChangeBp: 100,
  peerId: node.libp2p.peerId.toString(), addresses: node.libp2p.getMultiaddrs().map((a) => a.toString().split('/p2p/')[0]), moniker: 'JavaScript',
})
await node.join()
report('registered')
const done = setInterval(async () => {
  if (left > 0) return
  clearInterval(done)
  report('done')
  await new Promise((resolve) => setTimeout(resolve, 1000)) // what was written last
  process.exit(0)
}, 200)
