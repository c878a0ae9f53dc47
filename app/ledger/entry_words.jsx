// How amounts, days and accounts are read and shown on the entry screen; nothing here knows of the screen.
const MOST = 9;

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
export const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/œ/g, "oe").replace(/['’]/g, " ");

// amounts are counted in centimes; null: this is no amount
export function cents(text) {
  const bare = text.replace(/['’‘\s\u00a0\u202f]|CHF|Fr\./g, "").replace("\u2212", "-").replace(",", ".");
  if (!bare) return 0;
  const found = /^([+-]?)(\d{0,12})(?:\.(\d{0,2})\d*)?$/.exec(bare);
  if (!found || !(found[2] || found[3])) return null;
  const value = Number(found[2] || 0) * 100 + Number((found[3] || "").padEnd(2, "0"));
  return found[1] === "-" ? -value : value;
}

export function shown(value) {
  const whole = String(Math.floor(Math.abs(value) / 100)).replace(/\B(?=(\d{3})+$)/g, "'");
  return (value < 0 ? "\u2212" : "") + whole + "." + String(Math.abs(value) % 100).padStart(2, "0");
}

const pad = (number) => String(number).padStart(2, "0");
export const swiss = (iso) => iso.slice(8) + "." + iso.slice(5, 7) + "." + iso.slice(0, 4);

// 24 → this month, 2411 → this year, 24.11.26, 24.11.2026; null: this is no day
export function isoDay(text, today) {
  const parts = text.trim();
  const bare = /^(\d{1,2})(?:[./-](\d{1,2})(?:[./-](\d{2}|\d{4}))?)?[.]?$/.exec(parts) || /^(\d{2})(\d{2})(\d{2}|\d{4})?$/.exec(parts);
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(parts);
  const [day, month, year] = iso ? [iso[3], iso[2], iso[1]] : bare
    ? [bare[1], bare[2] || today.slice(5, 7), bare[3] ? (bare[3].length === 2 ? "20" + bare[3] : bare[3]) : today.slice(0, 4)] : [0, 0, 0];
  const made = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (!Number(year) || made.getUTCMonth() !== Number(month) - 1 || made.getUTCDate() !== Number(day)) return null;
  return year + "-" + pad(month) + "-" + pad(day);
}

export function stepDay(iso, days) {
  const at = new Date(iso + "T00:00:00Z");
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

export function dayProblem(iso, view, labels) {
  if (!iso) return labels.badDate;
  if (!view.years.some(([first, last]) => first <= iso && iso <= last)) return labels.noPeriod;
  const found = view.locked.find(([first, last]) => first <= iso && iso <= last);
  if (!found) return "";
  if (found[2] === "closed") return labels.closed;
  return view.mayReserved ? "" : labels.reserved;
}

export function lockedWords(view, labels) {
  const last = (state) => view.locked.filter((one) => one[2] === state).map((one) => one[1]).sort().pop();
  const [closed, reserved] = [last("closed"), last("reserved")];
  if (closed && reserved) return fill(labels.fixed, { day: swiss(closed), other: swiss(reserved) });
  if (closed) return fill(labels.closedUntil, { day: swiss(closed) });
  return reserved ? fill(labels.reservedUntil, { day: swiss(reserved) }) : "";
}

export function accountsLike(accounts, text) {
  const word = fold(text.trim());
  if (!word) return [];
  const numbered = accounts.filter((one) => one[0].toLowerCase().startsWith(word));
  if (/^\d/.test(word)) return numbered.slice(0, MOST);
  const words = word.split(/\s+/);
  const named = accounts.filter((one) => words.every((each) => (" " + one[4] + " " + fold(one[1])).includes(" " + each)));
  return [...numbered, ...named.filter((one) => !numbered.includes(one))].slice(0, MOST);
}

export function sums(rows) {
  let debit = 0;
  let credit = 0;
  for (const row of rows) {
    const [left, right] = [cents(row.debit) || 0, cents(row.credit) || 0];
    const [ins, outs] = [Math.max(left, 0) + Math.max(-right, 0), Math.max(right, 0) + Math.max(-left, 0)];
    debit += ins + (row.contra ? outs : 0);
    credit += outs + (row.contra ? ins : 0);
  }
  return { debit, credit, gap: debit - credit };
}

export const isEmpty = (row) => Object.values(row).every((value) => !value);
