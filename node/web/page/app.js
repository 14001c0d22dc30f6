// The page: asks the node every two seconds while somebody looks, and shows
// what it says.
import { Away, call, Refused, takeToken } from './api.js';
import { showDeals, wireDeals } from './deals.js';
import { sentence, setText } from './dom.js';
import { showNode, showPeers, showValidators } from './node.js';
import { Pages } from './pages.js';
import { showPools } from './pools.js';
import { showPulls } from './pulls.js';
import { showSales } from './sales.js';
import { ended } from './timeline.js';
import { count, t } from './texts.js';
import { retell, visible } from './words.js';

const pause = 2000; // ms between polls
const latest = { limit: 100, reverse: true }; // of this node's own lists, which grow for ever
const slowly = 10; // polls between looks at what seldom changes
const $ = (id) => document.getElementById(id);

const market = {
  status: {}, sales: {}, pulls: {}, validators: [], peers: [],
  pools: new Pages('ListPools', 'pools', {}, (p) => p.status === 'closed' || p.status === 'expired'),
  deals: new Pages('ListDeals', 'deals', {}, (d) => ended(d.state)),
};
const names = {
  pool: (id) => market.pools.records.find((p) => p.id === id)?.title ?? '',
  price: (id) => market.pools.records.find((p) => p.id === id)?.price,
  validator: (address) => market.validators.find((v) => v.address === address)?.moniker ?? '',
};

// What each section needs, and how it is shown.
const sections = {
  node: [async () => { market.status = await call('Status'); }, () => showNode($('node'), market.status)],
  pools: [() => market.pools.refresh(), () => {
    showPools($('pools').querySelector('.cards'), market.pools.records, market.status.account, redraw);
    setText($('pools-count'), count(market.pools.records.filter((p) => p.status === 'open').length) + (market.pools.whole ? '' : '+'));
  }],
  deals: [() => market.deals.refresh(), () => {
    showDeals($('deals'), market.deals.records, market.status.account, names);
    setText($('deals-count'), count(market.deals.records.length) + (market.deals.whole ? '' : '+'));
  }],
  sales: [async () => {
    market.sales = await call('ListSales', latest);
  }, () => {
    showSales($('sales').querySelector('.stack'), market.sales.sales ?? [], market.deals.records, names);
    setText($('sales-count'), count((market.sales.sales ?? []).length) + (market.sales.nextCursor ? '+' : ''));
  }],
  pulls: [async () => { market.pulls = await call('ListPulls', latest); }, () => {
    showPulls($('pulls').querySelector('.stack'), market.pulls.pulls ?? [], names);
    setText($('pulls-count'), count((market.pulls.pulls ?? []).length) + (market.pulls.nextCursor ? '+' : ''));
  }],
  network: [async () => {
    if (polls < due) return;
    [market.validators, market.peers] = [(await call('ListValidators')).validators ?? [], (await call('Peers')).peers ?? []];
    if (market.validators.some((v) => v.address === market.status.account)) { // lists say nothing of stakes
      const { validator } = await call('GetValidator');
      market.validators = market.validators.map((v) => (v.address === validator.address ? validator : v));
    }
    due = polls + slowly;
  }, () => {
    showValidators($('validators'), market.validators);
    showPeers($('peers'), market.peers);
    setText($('network-count'), count(market.validators.length));
  }],
};

let polls = 0;
let due = 0; // the poll that looks at what seldom changes
let timer = 0;
let busy = false;

function redraw() {
  for (const [, draw] of Object.values(sections)) draw();
}

// poll asks for everything at once and comes again, unless that cannot help.
async function poll() {
  clearTimeout(timer);
  if (busy || document.hidden) return;
  if (!takeToken()) return lost(t('no_token'));
  busy = true;
  try {
    show(await Promise.allSettled(Object.values(sections).map(each)));
  } finally {
    busy = false;
  }
}

// each shows a section as soon as its answer is there: a peer that is slow to
// name itself, or a chain that is slow to answer, holds up nothing else.
async function each([ask, draw]) {
  await ask();
  $('sections').hidden = false;
  draw();
}

// show shows what came; what failed leaves what was shown before.
function show(outcomes) {
  const errors = outcomes.map((o) => o.reason);
  if (errors.some((e) => e instanceof Refused)) return lost(t('wrong_token'));
  timer = setTimeout(poll, pause);
  polls++;
  if (errors[0] instanceof Away) lost(t('node_away'));
  else live(errors);
}

// live shows what was found and, section by section, what could not be.
function live(errors) {
  $('notice').hidden = true;
  $('sections').hidden = false;
  delete $('sections').dataset.mark;
  redraw();
  retell();
  Object.keys(sections).forEach((id, i) => trouble($(id).querySelector('.trouble'), errors[i]));
  const sick = (market.status.health ?? []).some((part) => !part.ok);
  mark(errors[0] ? 'bad' : sick ? 'wait' : 'good', errors[0] ? t('trouble') : t('block', { height: count(market.status.chainHeight) }));
}

function trouble(el, err) {
  if (!el) return;
  el.hidden = !err;
  setText(el, err ? t('stale', { cause: visible(err.message) }) : '');
}

// lost says why there is nothing, or nothing new, to see.
function lost(text) {
  mark('bad', t('not_connected'));
  $('sections').dataset.mark = 'stale'; // what is shown may be over
  const notice = $('notice');
  notice.hidden = false;
  if (notice.dataset.text === text) return;
  notice.dataset.text = text;
  notice.replaceChildren(...sentence(text));
}

function mark(kind, text) {
  $('live').dataset.mark = kind;
  setText($('live'), text);
}

wireDeals($('deals'), redraw);
document.addEventListener('visibilitychange', poll);
addEventListener('hashchange', poll); // a new link pasted into the same tab
poll();
