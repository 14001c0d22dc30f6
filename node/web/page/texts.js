// The page's texts, from the node's message catalogue in the reader's language.
const { lang, texts } = await (await fetch('texts.json')).json();
export { lang };

const rules = new Intl.PluralRules(lang);
const whole = new Intl.NumberFormat(lang);
const hole = /\{([a-z_]+)\}/;

export const count = (n) => whole.format(BigInt(n ?? 0));

// formOf chooses the form of a text by its argument n.
function formOf(key, args) {
  const forms = texts[`page.${key}`];
  if (!forms) return key;
  return (args.n === undefined ? null : forms[rules.select(Number(args.n))]) ?? forms.other;
}

const valueOf = (args, name) => (name === 'n' ? count(args.n) : args[name] ?? `{${name}}`);

// t is a text with its arguments: t('pools.number', { pool: 7 }).
export const t = (key, args = {}) => rich(key, args).join('');

// rich is a text that has elements among its arguments, as children of an element.
export const rich = (key, args = {}) => formOf(key, args).split(hole).map((part, i) => (i % 2 ? valueOf(args, part) : part));

// stateName is the name of a state or status, stageName that of a validator's stage; null
// where the catalogue has none.
export const stateName = (state) => texts[`state.${state}`]?.other ?? null;
export const stageName = (stage) => texts[`stage.${stage}`]?.other ?? null;
