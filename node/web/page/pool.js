// One pool: what it asks for in plain words, its terms, and the record of who is in it.
import { act, call } from './api.js';
import { h, keyed } from './dom.js';
import { button, spend } from './forms.js';
import { criteriaOf, filled } from './market.js';
import { learn, learnValidators, may, me, names, state } from './state.js';
import { count, rich, stateName, t } from './texts.js';
import { cut, foreign, full, med, raw, when } from './words.js';

const recent = 100; // deals that a track record is made of
const most = 8; // validators whose deals are looked for: the chain lists no ended deals by validator
let now = null;

export const pool = {
  title: () => t('pools.number', { pool: now?.id ?? '' }),
  open(el, id) {
    now = { id, el: h('div', { class: 'stack' }), found: null, records: new Map(), trouble: '' };
    el.append(now.el);
  },
  async ask() {
    const mine = now;
    await learnValidators();
    if (!mine.found) {
      mine.found = await criteriaOf(mine.id, (document) => act('explain', document));
      Promise.all([record('buyer', mine.found.pool.buyer, mine), ...(mine.found.pool.validators ?? []).slice(0, most).map((v) => record('validator', v, mine))]).catch(() => {});
      return;
    }
    const { pools } = await call('ListPools', { buyer: mine.found.pool.buyer, limit: 100, reverse: true }); // without its criteria
    const fresh = (pools ?? []).find((p) => String(p.id) === String(mine.id));
    if (fresh) {
      mine.found = { ...mine.found, pool: { ...mine.found.pool, ...fresh } };
      learn([fresh]);
    }
  },
  draw() {
    if (!now.found) return keyed(now.el, [], () => '', () => '', t('pools.asking'));
    const item = { ...now.found, records: [...now.records], monikers: (now.found.pool.validators ?? []).map((v) => state.validators.find((x) => x.address === v) ?? v), mine: now.found.pool.buyer === me(), sell: may('sell'), buy: may('buy') };
    keyed(now.el, [item], () => 'pool', page);
  },
};

// record counts how the latest deals of an account went.
async function record(role, account, mine) {
  const filter = role === 'validator' ? { validator: account, state: 'final', limit: 20 } : { [role]: account, limit: recent };
  const deals = (await call('ListDeals', { ...filter, reverse: true })).deals ?? [];
  const by = {};
  for (const d of deals) by[d.state] = (by[d.state] ?? 0) + 1;
  const verdicts = role === 'validator' ? deals.flatMap((d) => d.certificates ?? []).filter((c) => c.validator === account) : [];
  mine.records.set(account, { n: deals.length, by, accepted: verdicts.filter((c) => c.accepted).length, verdicts: verdicts.length });
}

// said is a track record in words.
function said(r, v) {
  const duties = v?.duties ? ` · ${t('record.missed', { missed: count(v.missedDuties ?? 0), n: v.duties })}` : '';
  if (!r) return t('record.asking');
  if (!r.n) return t('record.none') + duties;
  const parts = [t('record.deals', { n: r.n }), t('record.final', { n: r.by.final ?? 0 })];
  if (r.verdicts) parts.push(t('record.verdicts', { n: r.verdicts, accepted: count(r.accepted) }));
  for (const bad of ['unacked', 'undelivered', 'fraud']) if (r.by[bad]) parts.push(t('record.bad', { n: r.by[bad], state: stateName(bad) ?? bad }));
  return parts.join(' · ') + duties;
}

function page(i) {
  const p = i.pool, records = new Map(i.records);
  return h('div', { class: 'stack' },
    h('article', { class: 'card' },
      h('h3', null, foreign(p.title, t('untitled'))),
      h('p', { class: 'meta' }, h('span', { class: 'chip', 'data-mark': p.status === 'open' ? 'good' : 'wait' }, stateName(p.status) ?? raw(p.status)), i.mine && h('span', { class: 'chip', 'data-mark': 'mine' }, t('pools.yours')), raw(p.mediaType), p.expiry && h('span', null, rich('pools.ends', { when: when(p.expiry) }))),
      h('p', { class: 'price' }, med(p.price), ' ', h('small', null, t('pools.each'))),
      filled(p), actions(i)),
    h('article', { class: 'card' }, h('h3', null, t('pool.wants')), wants(i)),
    h('article', { class: 'card' }, h('h3', null, t('pool.who')), h('dl', { class: 'facts' },
      h('dt', null, t('pools.buyer')), h('dd', null, full(p.buyer), h('div', { class: 'hint' }, said(records.get(p.buyer)))),
      h('dt', null, t('pools.certificates')), h('dd', null, t('pools.k_of', { k: p.requiredCertificates ?? 0, validators: t('count.validators', { n: (p.validators ?? []).length }) }), p.drawCount > 0 && h('div', null, t('pools.drawn', { n: p.drawCount }))),
      i.monikers.map((v) => [h('dt', null, t('pool.validator')), h('dd', null, v.moniker ? foreign(v.moniker) : cut(v.address ?? v), v.commissionBp !== undefined && h('span', null, ' · ', t('network.commission', { percent: v.commissionBp / 100 })), h('div', { class: 'hint' }, (records.has(v.address ?? v) || i.monikers.indexOf(v) < most) && said(records.get(v.address ?? v), v)))]))),
    h('article', { class: 'card' }, h('h3', null, t('pool.rules')), terms(p)));
}

function actions(i) {
  const p = i.pool, opened = p.status === 'open';
  return h('div', { class: 'actions' },
    !i.mine && opened && h('a', { class: 'button primary', href: `#/sell/${p.id}` }, t('pool.sell')),
    i.mine && i.buy && button(t('pool.pull'), () => pullAll(p), 'primary'),
    i.mine && i.buy && opened && button(t('pool.close'), () => closeIt(p)));
}

// pullAll orders the datasets of a pool.
export async function pullAll(p) {
  const done = await spend({
    method: 'Pull', body: { poolId: p.id }, title: t('pull.title', { pool: p.id }), verb: t('pull.verb'),
    about: (q) => [h('p', null, t('pull.about', { n: q.about.datasets })), h('p', null, rich('pull.folder', { path: full(q.about.folder) }))],
  });
  if (done) location.hash = '#/bought';
}

async function closeIt(p) {
  const done = await spend({
    method: 'ClosePool', body: { id: p.id }, title: t('close.title', { pool: p.id }), verb: t('close.verb'),
    about: (q) => h('p', null, t('close.about', { escrow: med(q.about.pool.escrow) })),
  });
  if (done) now.found = { ...now.found, pool: { ...now.found.pool, status: 'closed' } };
}

// wants shows what a document asks for.
export function wants({ doc, trouble }) {
  if (trouble) return h('p', { class: 'muted' }, trouble);
  return h('div', { class: 'criteria' },
    h('h4', null, foreign(doc.title, t('untitled'))),
    doc.description && h('p', null, foreign(doc.description)),
    h('h4', null, t('pool.fields')),
    h('ul', { class: 'fields' }, doc.fields.map((f) => h('li', null,
      h('code', null, f.pointer || t('pools.whole_record')), ' ', f.required ? h('span', { class: 'chip', 'data-mark': 'wait' }, t('pools.required')) : h('span', { class: 'chip' }, t('pools.optional')), ' ', foreign(f.purpose)))),
    doc.sentences.length > 0 && [h('h4', null, t('pool.checked')), h('ul', { class: 'plain' }, doc.sentences.map((line) => h('li', null, foreign(line))))]);
}

// duplicates says whether a pool takes data that it bought before.
function duplicates(p) {
  if (!p.refusesDuplicates) return t('pools.duplicates_allowed');
  return p.maxOverlapPpm > 0 ? t('pools.duplicates_bounded', { percent: p.maxOverlapPpm / 10000 }) : t('pools.duplicates_refused');
}

const terms = (p) => h('dl', { class: 'facts' },
  (p.terms ?? []).map((term) => [h('dt', null, term.required ? t('pools.term_required') : t('pools.term')), h('dd', null, foreign(term.title), term.description && h('div', null, foreign(term.description)))]),
  h('dt', null, t('pools.escrow')), h('dd', null, med(p.escrow)),
  h('dt', null, t('pools.acknowledged')), h('dd', null, p.ackMode === 'quorum' ? t('pools.quorum') : t('pools.buyer_alone')),
  h('dt', null, t('pools.reward')), h('dd', null, med(p.verdictReward)),
  h('dt', null, t('pools.duplicates')), h('dd', null, duplicates(p)),
  h('dt', null, t('pools.criteria')), h('dd', null, full(p.criteriaCid)));

// validatorName is what a validator is called.
export const validatorName = (address) => (names.validator(address) ? foreign(names.validator(address)) : cut(address));
