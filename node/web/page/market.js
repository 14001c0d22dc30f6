// The market: pools that can be sold into, and this node's own.
import { call } from './api.js';
import { h, keyed, on, setText } from './dom.js';
import { check, choice, field, toUmed } from './forms.js';
import { learn, List, me } from './state.js';
import { count, rich, stateName, t } from './texts.js';
import { foreign, med, raw, umed, visible, when } from './words.js';

const open = new List('ListPools', 'pools', { status: 'open' }, 100);
let own = new List('ListPools', 'pools', {}, 100);
let parts = null;

export const market = {
  title: () => t('market.title'),
  open(el) {
    const find = h('input', { type: 'search', autocomplete: 'off', spellcheck: 'false', maxlength: '200' });
    const least = h('input', { type: 'text', inputmode: 'decimal', autocomplete: 'off' });
    const sort = choice([['new', t('market.newest')], ['price', t('market.dearest')], ['end', t('market.soonest')]], 'new');
    const mine = check(t('market.mine'));
    const cards = h('div', { class: 'cards' });
    const said = h('p', { class: 'hint', 'aria-live': 'polite' });
    const more = on(h('button', { type: 'button', class: 'more', hidden: true }, t('older')), 'click', () => { open.pages++; market.ask().then(draw, () => {}); });
    parts = { find, least, sort, mine: mine.box, cards, said, more };
    for (const input of [find, least, sort, mine.box]) on(input, 'input', draw);
    el.append(h('p', { class: 'lead' }, t('market.lead')),
      h('form', { class: 'filters', role: 'search' }, field(t('market.find'), find), field(t('market.least'), least), field(t('market.sort'), sort), mine.el),
      said, cards, more);
  },
  async ask() {
    if (me() && own.filter.buyer !== me()) own = new List('ListPools', 'pools', { buyer: me() }, 100);
    await Promise.all([open.refresh(), me() && own.refresh()]);
    learn(open.records);
    learn(own.records);
  },
  draw,
};

function draw() {
  const word = parts.find.value.trim().toLowerCase();
  const least = BigInt(toUmed(parts.least.value) ?? 0);
  const all = [...new Map([...open.records, ...own.records].map((p) => [String(p.id), p])).values()];
  const found = all.map((p) => ({ ...p, mine: p.buyer === me() }))
    .filter((p) => (parts.mine.checked ? p.mine : p.status === 'open' || p.mine) && umed(p.price) >= least)
    .filter((p) => !word || [p.title, p.id, p.buyer, p.mediaType].some((text) => String(text ?? '').toLowerCase().includes(word)));
  found.sort(order[parts.sort.value]);
  keyed(parts.cards, found, (p) => p.id, card, all.length ? t('market.none_such') : t('market.none'));
  setText(parts.said, all.length ? t('market.found', { n: found.length }) : '');
  parts.more.hidden = !open.more;
}

const order = {
  new: (a, b) => Number(BigInt(b.id) - BigInt(a.id)),
  price: (a, b) => (umed(b.price) > umed(a.price) ? 1 : -1),
  end: (a, b) => (a.expiry < b.expiry ? -1 : 1),
};

const card = (p) => h('article', { class: 'card', id: `pool-${p.id}` },
  h('h3', null, h('a', { href: `#/pool/${p.id}` }, foreign(p.title, t('untitled')))),
  h('p', { class: 'meta' }, h('span', null, t('pools.number', { pool: p.id })), p.mine && h('span', { class: 'chip', 'data-mark': 'mine' }, t('pools.yours')),
    p.status !== 'open' && h('span', { class: 'chip', 'data-mark': 'wait' }, stateName(p.status) ?? raw(p.status)), raw(p.mediaType),
    p.status === 'open' && h('span', null, rich('pools.ends', { when: when(p.expiry) }))),
  h('p', { class: 'price' }, med(p.price), ' ', h('small', null, t('pools.each'))),
  filled(p));

// filled shows how much of a pool is taken.
export function filled(p) {
  const target = Number(p.targetCount ?? 0), delivered = Number(p.deliveredCount ?? 0);
  const reserved = Math.max(Number(p.reservedCount ?? 0), delivered);
  return h('div', { class: 'filled' },
    h('progress', { max: target || 1, value: reserved, 'aria-label': t('pools.taken', { reserved, n: target }) }),
    h('p', null, rich('pools.delivered', { part: h('b', null, t('pools.part', { delivered: count(delivered), target: count(target) })) }), reserved > delivered && t('pools.in_progress', { count: count(reserved - delivered) })));
}

// criteriaOf is what a pool asks for: {pool, raw, doc} or {pool, trouble}. Its buyer is asked if
// this node does not have the document.
export async function criteriaOf(id, explain) {
  const { pool } = await call('GetPool', { id });
  learn([pool]);
  if (!pool.criteria) return { pool, trouble: t('pools.away') };
  const document = new TextDecoder().decode(Uint8Array.from(atob(pool.criteria), (c) => c.charCodeAt(0)));
  try {
    return { pool, document, doc: await explain(document) };
  } catch (err) {
    return { pool, trouble: t('pools.unreadable', { cause: visible(err.message) }) };
  }
}
