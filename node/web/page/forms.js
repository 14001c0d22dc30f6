// Parts of forms, and the dialog in which a sum is confirmed.
import { act } from './api.js';
import { h, on, sentence } from './dom.js';
import { t } from './texts.js';
import { bytes, med, visible } from './words.js';

let ids = 0;

// field is a labelled input with a hint.
export function field(label, input, hint) {
  input.id ||= `f${++ids}`;
  const note = hint && h('p', { class: 'hint', id: `${input.id}-hint` }, hint);
  if (note) input.setAttribute('aria-describedby', note.id);
  return h('div', { class: 'field-row' }, h('label', { for: input.id }, label), input, note);
}

// check is a box to tick, with its text beside it.
export function check(text, props = {}, more) {
  const box = h('input', { type: 'checkbox', ...props });
  box.id = props.id ?? `f${++ids}`;
  return { box, el: h('div', { class: 'check' }, box, h('label', { for: box.id }, text, more && h('span', { class: 'hint' }, more))) };
}

// button does something when it is pressed, and not twice at once.
export function button(text, pressed, kind = 'plain', props = {}) {
  const el = h('button', { type: 'button', class: `button ${kind}`, ...props }, text);
  return on(el, 'click', async () => {
    if (el.getAttribute('aria-busy') === 'true') return;
    el.setAttribute('aria-busy', 'true');
    try { await pressed(); } finally { el.removeAttribute('aria-busy'); }
  });
}

// choice is a list to choose from: [[value, text], …].
export const choice = (options, value) => h('select', null, options.map(([v, text]) => h('option', { value: v, selected: String(v) === String(value) }, text)));

// problem is an error that somebody should read.
export const problem = (err) => h('p', { class: 'problem', role: 'alert' }, visible(err.message));

// toUmed is an amount that somebody typed in MED, in umed; null if it is none.
export function toUmed(text) {
  const found = /^(\d{1,12})(?:[.,](\d{1,6}))?$/.exec(text.trim().replace(/\s*MED$/i, ''));
  if (!found) return null;
  return String(BigInt(found[1]) * 1_000_000n + BigInt((found[2] ?? '').padEnd(6, '0')));
}

export const amount = (umed) => ({ amount: String(umed), denom: 'umed' });

// progress is a bar that says how far something is.
export function progress() {
  const bar = h('progress', { max: 1, value: 0, 'aria-label': t('progress.label') });
  const said = h('p', { class: 'hint', 'aria-live': 'polite' });
  const el = h('div', { class: 'filled', hidden: true }, bar, said);
  return {
    el,
    told({ step, done, work }) {
      el.hidden = false;
      bar.max = work || 1;
      bar.value = done;
      said.textContent = t('progress.of', { step: stepName(step), done: bytes(done), work: bytes(work) });
    },
    hide() { el.hidden = true; },
  };
}

const steps = { sending: 'sending', projecting: 'projecting', checking: 'checking', sealing: 'sealing' };
const stepName = (step) => (steps[step] ? t('step.' + steps[step]) : t('step.reading'));

// spend asks the node what an action costs, shows that, and does it when it is agreed to. It
// is the result, or null if it was not.
export function spend({ method, body, title, about, verb }) {
  return new Promise((resolve) => {
    const stop = new AbortController();
    const bar = progress();
    const content = h('div', { class: 'stack' }, h('p', null, t('confirm.asking')), bar.el);
    const heading = h('h2', { id: 'confirm-title', tabindex: '-1' }, title);
    const row = h('div', { class: 'actions' });
    const dialog = h('dialog', { class: 'confirm', 'aria-labelledby': 'confirm-title' }, heading, content, row);
    let result = null;
    const close = () => dialog.close();
    row.append(button(t('confirm.cancel'), close));
    on(dialog, 'close', () => {
      stop.abort();
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    heading.focus();
    quoted();

    async function quoted() {
      try {
        const quote = await act(`quote/${method}`, body, { told: bar.told, signal: stop.signal });
        content.replaceChildren(...[about?.(quote), sums(quote)].flat().filter(Boolean));
        const yes = button(t('confirm.verb', { verb, sum: med(quote.sum) }), () => agreed(quote, yes), 'primary');
        row.prepend(yes);
      } catch (err) {
        if (err.name !== 'AbortError') content.replaceChildren(problem(err));
      }
    }

    async function agreed(quote, yes) {
      const wait = h('p', { class: 'hint', role: 'status' }, t('confirm.doing'));
      content.append(wait);
      try {
        result = (await act('confirm', { id: quote.id, sum: quote.sum })) ?? {};
        close();
      } catch (err) {
        wait.replaceWith(problem(err));
        yes.remove();
      }
    }
  });
}

const partName = (name) => t('confirm.part.' + name);

// sums lists what an action costs.
const sums = (quote) => h('table', { class: 'sums' },
  h('tbody', null, quote.parts.map((p) => h('tr', null, h('th', { scope: 'row' }, partName(p.name)), h('td', null, med(p.amount))))),
  h('tfoot', null, h('tr', null, h('th', { scope: 'row' }, t('confirm.sum')), h('td', null, med(quote.sum)))));

// locked says that a session may not do something, and how to get one that may.
export const locked = (scope) => h('p', { class: 'notice' }, sentence(t('locked', { scope })));
