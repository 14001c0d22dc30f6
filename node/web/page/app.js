// The page: shows the view that the address names, asks the node every two seconds while
// somebody looks, and shows what it says.
import { act, Away, call, Refused, takeToken } from './api.js';
import { bought } from './bought.js';
import { buy } from './buy.js';
import { deals, oneDeal } from './deals.js';
import { h, sentence, setText } from './dom.js';
import { earnings } from './earnings.js';
import { market } from './market.js';
import { node } from './node.js';
import { pool } from './pool.js';
import { sell } from './sell.js';
import { state } from './state.js';
import { count, t } from './texts.js';
import { transfers } from './transfers.js';
import { validator } from './validator.js';
import { retell, visible } from './words.js';

const pause = 2000; // ms between polls
const $ = (id) => document.getElementById(id);

// The views by the first part of their addresses, and where each stands in the navigation.
const views = { market, pool, sell, buy, deals, deal: oneDeal, bought, earnings, validator, transfers, node };
const under = { pool: 'market', deal: 'deals' };

let view = null; // what is shown: {name, arg, parts}
let timer = 0;
let busy = false;
let again = false; // the address changed during a poll
let known = ''; // the token whose session is known

// route shows the view that the address names.
function route() {
  takeToken();
  const [name, arg] = location.hash.replace(/^#\/?/, '').split('/');
  const to = Object.hasOwn(views, name) ? name : 'market';
  const digits = /^\d{1,20}$/.test(arg ?? '') ? arg : undefined;
  const first = view === null;
  view = { name: to, arg: digits, parts: views[to] };
  const el = $('view');
  const title = h('h2', { id: 'view-title', tabindex: '-1' });
  const trouble = h('p', { class: 'trouble', id: 'trouble', hidden: true });
  const body = h('div', { class: `view ${to}` });
  el.replaceChildren(title, trouble, body);
  if (known) begin(body);
  setText(title, view.parts.title());
  document.title = t('page_title', { view: view.parts.title() });
  for (const a of document.querySelectorAll('nav a')) {
    if (a.getAttribute('href') === `#/${under[to] ?? to}`) a.setAttribute('aria-current', 'page');
    else a.removeAttribute('aria-current');
  }
  if (!first) {
    title.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  poll();
}

// begin makes a view's parts, once it is known what the session may do.
function begin(body) {
  view.parts.open(body, view.arg);
  view.begun = true;
}

// poll asks for what is shown and comes again, unless that cannot help.
async function poll() {
  clearTimeout(timer);
  if (document.hidden) return;
  if (busy) {
    again = true;
    return;
  }
  if (!takeToken()) return lost(t('no_token'));
  busy = true;
  again = false;
  try {
    if (known !== takeToken() || !view.begun) await meet();
    const mine = view;
    const outcomes = await Promise.allSettled([status(), mine.parts.ask?.()]);
    if (mine === view) show(outcomes);
  } catch (err) {
    show([{ reason: err }]);
  } finally {
    busy = false;
    if (again) poll();
  }
}

// meet asks what this session may do, when it is new.
async function meet() {
  if (known !== takeToken()) {
    state.session = await act('session');
    state.status = await call('Status');
    known = takeToken();
    view.begun = false;
  }
  if (view.begun) return;
  const body = $('view').querySelector('.view');
  body.replaceChildren();
  begin(body);
  setText($('view-title'), view.parts.title());
}

async function status() {
  state.status = await call('Status');
}

// show shows what came; what failed leaves what was shown before.
function show(outcomes) {
  const errors = outcomes.map((o) => o.reason);
  const refused = errors.find((e) => e instanceof Refused);
  if (refused) {
    known = '';
    return lost(refused.ended ? t('session_ended') : t('wrong_token'));
  }
  timer = setTimeout(poll, pause);
  if (errors.some((e) => e instanceof Away)) return lost(t('node_away'));
  live(errors.find(Boolean));
}

// live shows what was found and what could not be.
function live(err) {
  $('notice').hidden = true;
  delete $('notice').dataset.text;
  delete $('sections').dataset.mark;
  $('sections').hidden = false;
  view.parts.draw?.();
  retell();
  const trouble = $('trouble');
  trouble.hidden = !err;
  setText(trouble, err ? t('stale', { cause: visible(err.message) }) : '');
  const sick = (state.status.health ?? []).some((part) => !part.ok);
  mark(err ? 'bad' : sick ? 'wait' : 'good', err ? t('trouble') : t('block', { height: count(state.status.chainHeight) }));
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

document.querySelector('.skip').addEventListener('click', (e) => { // an address of its own would be another view
  e.preventDefault();
  $('main').focus();
});
// A file that is dropped beside the place for it must not replace the page.
for (const event of ['dragover', 'drop']) addEventListener(event, (e) => e.preventDefault());
document.addEventListener('visibilitychange', poll);
addEventListener('hashchange', route);
route();
