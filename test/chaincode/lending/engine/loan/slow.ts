import type { LoanFact, LoanTerms } from '../../../../../chaincode/lending/engine/loan';

/**
 * A loan computed slowly, from the definitions and with no code of the engine: exact fractions, day by day, dates by the
 * runtime's `Date`. Balances are not sums of entries; they are said of the state at the end.
 */
interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

const of = (n: bigint, d = 1n): Fraction => ({ n, d });
const plus = (a: Fraction, b: Fraction): Fraction =>
  a.d === b.d ? of(a.n + b.n, a.d) : of(a.n * b.d + b.n * a.d, a.d * b.d);
const times = (a: Fraction, b: Fraction): Fraction => of(a.n * b.n, a.d * b.d);
const over = (a: Fraction, b: Fraction): Fraction => of(a.n * b.d, a.d * b.n);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

function decimal(text: string): Fraction {
  const [whole = '', part = ''] = text.split('.');
  return of(BigInt(whole + part), 10n ** BigInt(part.length));
}

function toWhole({ n, d }: Fraction, mode: LoanTerms['rounding']): bigint {
  const below = n / d;
  const twice = (n - below * d) * 2n;
  if (twice === 0n || mode === 'DOWN') return below;
  if (mode === 'UP' || twice > d) return below + 1n;
  if (twice < d) return below;
  return mode === 'HALF_UP' || below % 2n === 1n ? below + 1n : below;
}

const dates = new Map<string, Date>();
const at = (day: string): Date => {
  const date = dates.get(day) ?? new Date(`${day}T00:00:00Z`);
  dates.set(day, date);
  return date;
};
const text = (date: Date) => date.toISOString().slice(0, 10);
const tomorrows = new Map<string, string>();
const shift = (day: string, days: number): string => {
  const known = days === 1 ? tomorrows.get(day) : undefined;
  if (known !== undefined) return known;
  const shifted = text(new Date(at(day).getTime() + days * 86_400_000));
  if (days === 1) tomorrows.set(day, shifted);
  return shifted;
};
const monthDays = (date: Date) =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
const monthOf = (date: Date) => date.getUTCFullYear() * 12 + date.getUTCMonth();

interface Part {
  readonly number: number;
  readonly fixedOn: string;
  readonly due: string;
  readonly interest: boolean;
  readonly putOff: boolean;
  readonly principal: boolean;
}

function isCycleDay(terms: LoanTerms, cycle: LoanTerms['interestCycle'], day: string): boolean {
  const [start, date] = [at(terms.startDate), at(day)];
  if (cycle === 'AT_MATURITY') return false;
  if (cycle === 'QUARTER_20') return date.getUTCDate() === 20 && (date.getUTCMonth() + 1) % 3 === 0;
  const months = monthOf(date) - monthOf(start);
  const dayOfMonth =
    terms.paymentDay === 'START' ? Math.min(start.getUTCDate(), monthDays(date)) : terms.paymentDay;
  return months > 0 && months % (cycle === 'MONTHLY' ? 1 : 3) === 0 && date.getUTCDate() === dayOfMonth;
}

function isMaturity(terms: LoanTerms, day: string): boolean {
  const [start, date] = [at(terms.startDate), at(day)];
  return (
    monthOf(date) - monthOf(start) === terms.termMonths &&
    date.getUTCDate() === Math.min(start.getUTCDate(), monthDays(date))
  );
}

/** Where a day goes to when it is a Saturday or a Sunday. */
function moved(terms: LoanTerms, day: string): { fixedOn: string; due: string } {
  const { businessDays, calendar } = terms;
  const rests = (d: string) => [0, 6].includes(at(d).getUTCDay());
  if (businessDays === 'NULL' || businessDays === 'NOS' || calendar === 'NONE')
    return { fixedOn: day, due: day };
  const go = (step: number) => {
    let to = day;
    while (rests(to)) to = shift(to, step);
    return to;
  };
  const step = businessDays.endsWith('F') ? 1 : -1;
  const first = go(step);
  const due = businessDays.includes('M') && first.slice(0, 7) !== day.slice(0, 7) ? go(-step) : first;
  return { fixedOn: businessDays.startsWith('S') ? due : day, due };
}

function partsOf(terms: LoanTerms): Part[] {
  const parts: Part[] = [];
  let [interests, principals] = [0, 0];
  for (let day = shift(terms.startDate, 1); ; day = shift(day, 1)) {
    const end = isMaturity(terms, day);
    const interest = end || isCycleDay(terms, terms.interestCycle, day);
    const principal =
      end ||
      (terms.type === 'ANN' && interest) ||
      (terms.type === 'LAM' && isCycleDay(terms, terms.principalCycle ?? 'MONTHLY', day));
    if (interest || principal) {
      const days = moved(terms, day);
      if (days.fixedOn > terms.startDate) {
        if (interest) interests += 1;
        if (principal) principals += 1;
        parts.push({
          ...days,
          number: parts.length + 1,
          interest,
          putOff: interest && interests <= terms.grace.interestInstalments,
          principal: principal && (terms.type === 'PAM' || principals > terms.grace.principalInstalments),
        });
      }
    }
    if (end) return parts;
  }
}

/** What both calculations must agree on. */
export interface Result {
  readonly status: string;
  readonly daysPastDue: number;
  readonly principalRepaid: bigint;
  readonly instalmentAmount: bigint;
  readonly unpaid: readonly string[];
  readonly balances: Record<string, bigint>;
}

/** The books of a loan at the end of a day. */
export function slowly(
  terms: LoanTerms,
  facts: readonly LoanFact[],
  through: string,
  rateOn: (date: string) => string,
): Result {
  const { rounding, grace } = terms;
  const whole = (fraction: Fraction) => toWhole(fraction, rounding);
  const year = terms.dayCount === 'A365' ? 365n : 360n;
  const count = (from: string, to: string): bigint => {
    const [a, b] = [at(from), at(to)];
    if (terms.dayCount !== '30E360') return BigInt(Math.round((b.getTime() - a.getTime()) / 86_400_000));
    const months = monthOf(b) - monthOf(a);
    return BigInt(months * 30 + Math.min(b.getUTCDate(), 30) - Math.min(a.getUTCDate(), 30));
  };
  const rateAt = (day: string): Fraction => {
    if (terms.rate.kind === 'FIXED') return decimal(terms.rate.annual);
    const tenths = 10n ** 10n;
    const as = (rate: string) => {
      const { n, d } = decimal(rate.replace('-', ''));
      return ((rate.startsWith('-') ? -n : n) * tenths) / d;
    };
    let rate = as(rateOn(day)) + as(terms.rate.spread);
    const floor = terms.rate.floor === undefined ? 0n : as(terms.rate.floor);
    if (rate < floor) rate = floor;
    if (terms.rate.cap !== undefined && rate > as(terms.rate.cap)) rate = as(terms.rate.cap);
    return of(rate, tenths);
  };
  const schedule = partsOf(terms);
  let rate = rateAt(terms.startDate);
  let undue = BigInt(terms.principal);
  let [sum, penaltySum] = [of(0n), of(0n)];
  let [putOff, penaltyPaid, costs, costsEver, fees, paidInterest, repaid] = [0n, 0n, 0n, 0n, 0n, 0n, 0n];
  let [waivedInterest, waivedPenalty, waivedCosts, gone, goneInterest, gonePenalty] = [
    0n,
    0n,
    0n,
    0n,
    0n,
    0n,
  ];
  let [lostInterest, lostPenalty, recovered, moneyIn, claim] = [0n, 0n, 0n, 0n, 0n];
  let [index, last, amount, status, daysPastDue, resize] = [0, schedule.length, 0n, 'ACTIVE', 0, false];
  let open: { number: number; due: string; principal: bigint; interest: bigint }[] = [];
  let done = false;

  const ended = () => status === 'REPAID' || status === 'WRITTEN_OFF';
  const penaltyOwed = () => whole(penaltySum) - penaltyPaid;
  const total = (pick: (item: (typeof open)[number]) => bigint, by?: string) =>
    open.reduce((all, item) => (by === undefined || item.due <= by ? all + pick(item) : all), 0n);
  const fixInterest = () => whole(sum);

  const principalOf = (part: Part, base: bigint, own: bigint): bigint => {
    if (part.number >= last) return base;
    if (!part.principal || terms.type === 'PAM') return 0n;
    if (terms.type === 'LAM') return least(amount, base);
    return amount > own ? least(amount - own, base) : 0n;
  };
  const sizeAmount = (day: string) => {
    const ahead = schedule.slice(index).filter(({ number }) => number <= last);
    const paying = ahead.filter(({ principal }) => principal);
    if (terms.type === 'PAM' || paying.length === 0) return;
    if (terms.type === 'LAM') {
      amount = whole(of(undue, BigInt(paying.length)));
      return;
    }
    const idle = ahead.filter(({ principal }) => !principal).at(-1);
    // The balance after the last instalment is u·(principal + accrued) − v·amount, and must be nothing.
    let [u, v] = [of(1n), of(0n)];
    let from = idle?.fixedOn ?? day;
    for (const { fixedOn } of paying) {
      const factor = plus(of(1n), times(rate, of(count(from, fixedOn), year)));
      u = times(u, factor);
      v = plus(times(v, factor), of(1n));
      from = fixedOn;
    }
    amount = whole(over(times(u, plus(of(undue), idle === undefined ? sum : of(0n))), v));
  };
  const shorten = (day: string) => {
    let [base, exact, from] = [undue, sum, day];
    for (const part of schedule.slice(index)) {
      exact = plus(exact, times(of(base), times(rate, of(count(from, part.fixedOn), year))));
      const principal = principalOf(part, base, whole(exact));
      base -= principal;
      if (base === 0n) {
        last = part.number;
        return;
      }
      if (part.interest) exact = of(0n);
      from = part.fixedOn;
    }
  };
  const fix = (day: string) => {
    for (; !done && schedule[index]?.fixedOn === day; index += 1) {
      const part = schedule[index];
      if (part === undefined) return;
      const principal = principalOf(part, undue, fixInterest());
      undue -= principal;
      let interest = 0n;
      if (part.interest || undue === 0n) {
        const all = putOff + fixInterest();
        sum = of(0n);
        [interest, putOff] = part.putOff && undue > 0n ? [0n, all] : [all, 0n];
      }
      if (principal + interest > 0n) open.push({ number: part.number, due: part.due, principal, interest });
      done = part.number >= last || (undue === 0n && sum.n === 0n && putOff === 0n);
    }
  };
  const closeIfPaid = () => {
    const owed = undue + costs + penaltyOwed() + putOff + fixInterest();
    if (ended() || owed > 0n || open.length > 0) return;
    status = 'REPAID';
    sum = of(0n);
    daysPastDue = 0;
    done = true;
  };
  const takeDue = (money: bigint, day: string) => {
    let left = money;
    const order = status === 'NON_ACCRUAL' ? terms.allocationNonAccrual : terms.allocation;
    for (const component of order) {
      if (component === 'COSTS') {
        const taken = least(left, costs);
        costs -= taken;
        left -= taken;
      } else if (component === 'PENALTY') {
        const taken = least(left, penaltyOwed());
        penaltyPaid += taken;
        left -= taken;
      } else {
        const member = component === 'INTEREST' ? 'interest' : 'principal';
        for (const item of open) {
          if (item.due > day) continue;
          const taken = least(left, item[member]);
          item[member] -= taken;
          left -= taken;
          if (member === 'interest') paidInterest += taken;
          else repaid += taken;
        }
      }
    }
    open = open.filter(({ principal, interest }) => principal + interest > 0n);
    moneyIn += money - left;
    return left;
  };
  const feeOn = (principal: bigint) => whole(times(of(principal), decimal(terms.prepayment.feeRate)));
  const happen = (fact: LoanFact, day: string) => {
    const paid = 'amount' in fact ? BigInt(fact.amount) : 0n;
    const money = fact.type === 'PAID' || fact.type === 'PREPAID' || fact.type === 'RECOVERED';
    if (money && status === 'WRITTEN_OFF') {
      const taken = least(paid, claim);
      claim -= taken;
      recovered += taken;
      moneyIn += taken;
    } else if (fact.type === 'PAID' || fact.type === 'RECOVERED') takeDue(paid, day);
    else if (fact.type === 'PREPAID') {
      const base = undue;
      const ahead =
        total(({ principal }) => principal) -
        total(({ principal }) => principal, day) +
        total(({ interest }) => interest) -
        total(({ interest }) => interest, day);
      const dueNow =
        total(({ principal }) => principal, day) +
        total(({ interest }) => interest, day) +
        costs +
        penaltyOwed();
      const debt = dueNow + base + ahead + fixInterest() + putOff + feeOn(base);
      if (paid >= debt) {
        paidInterest += total(({ interest }) => interest) + fixInterest() + putOff;
        repaid += base + total(({ principal }) => principal);
        penaltyPaid = whole(penaltySum);
        fees += feeOn(base);
        moneyIn += debt;
        [open, undue, costs, putOff, sum] = [[], 0n, 0n, 0n, of(0n)];
      } else {
        const rest = takeDue(paid, day);
        // Halving finds the most principal that fits with its fee.
        let [low, high] = [0n, least(rest, base)];
        while (low < high) {
          const middle = (low + high + 1n) / 2n;
          if (middle + feeOn(middle) <= rest) low = middle;
          else high = middle - 1n;
        }
        undue -= low;
        repaid += low;
        fees += feeOn(low);
        moneyIn += low + feeOn(low);
        if (low > 0n) resize = true;
      }
    } else if (fact.type === 'COST') {
      costsEver += paid;
      if (status === 'WRITTEN_OFF') {
        claim += paid;
        gone += paid;
      } else {
        costs += paid;
        status = status === 'REPAID' ? 'ACTIVE' : status;
      }
    } else if (fact.type === 'WAIVED') {
      const held = status === 'NON_ACCRUAL';
      if (fact.component === 'COSTS') {
        const given = least(paid, costs);
        costs -= given;
        waivedCosts += given;
      } else if (fact.component === 'PENALTY') {
        const given = least(paid, penaltyOwed());
        penaltyPaid += given;
        if (held) lostPenalty += given;
        else waivedPenalty += given;
      } else {
        let left = paid;
        for (const item of open) {
          const given = item.due <= day ? least(left, item.interest) : 0n;
          item.interest -= given;
          left -= given;
          if (held) lostInterest += given;
          else waivedInterest += given;
        }
        open = open.filter(({ principal, interest }) => principal + interest > 0n);
      }
    } else if (fact.type === 'WRITTEN_OFF' && !ended()) {
      const interest = total((item) => item.interest) + fixInterest() + putOff;
      const principal = undue + total((item) => item.principal);
      claim = principal + interest + penaltyOwed() + costs;
      gone += principal + costs;
      if (status === 'ACTIVE') {
        goneInterest = interest;
        gonePenalty = penaltyOwed();
      } else lostPenalty += penaltyOwed();
      penaltyPaid = whole(penaltySum);
      [open, undue, costs, putOff, sum, status, done] = [[], 0n, 0n, 0n, of(0n), 'WRITTEN_OFF', true];
    } else if (fact.type === 'TERMINATED') {
      const interest = fixInterest() + putOff;
      for (const item of open) if (item.due > day) item.due = day;
      const number = done ? last : (schedule[index]?.number ?? last);
      if (undue + interest > 0n) open.push({ number, due: day, principal: undue, interest });
      [undue, putOff, sum, done, resize] = [0n, 0n, of(0n), true, false];
    }
    closeIfPaid();
  };

  sizeAmount(terms.startDate);
  for (let day = terms.startDate; day <= through; day = shift(day, 1)) {
    if (day > terms.startDate && !ended()) {
      fix(day);
      closeIfPaid();
      const months = monthOf(at(day)) - monthOf(at(terms.startDate));
      const dayOfMonth = Math.min(at(terms.startDate).getUTCDate(), monthDays(at(day)));
      if (
        terms.rate.kind === 'FLOATING' &&
        months % terms.rate.resetMonths === 0 &&
        months < terms.termMonths
      )
        if (at(day).getUTCDate() === dayOfMonth && months > 0 && !ended()) {
          // After a loan was called in there is nothing left to reset.
          if (!facts.some(({ type, valueDate }) => type === 'TERMINATED' && valueDate < day)) {
            rate = rateAt(day);
            if (terms.type === 'ANN' && !done) sizeAmount(day);
          }
        }
    }
    for (const fact of facts) if (fact.valueDate === day) happen(fact, day);
    if (ended()) continue;
    if (resize && !done) {
      if (terms.prepayment.mode === 'SHORTEN') shorten(day);
      else sizeAmount(day);
    }
    resize = false;
    const tomorrow = shift(day, 1);
    const multiple = times(rate, decimal(terms.penalty.principalRateMultiple));
    for (const { due, principal, interest } of open) {
      const ends = shift(due, grace.days);
      if (day < ends) continue;
      const days = of(count(day === ends ? due : day, tomorrow), year);
      const base = principal + (terms.penalty.onInterest ? interest : 0n);
      penaltySum = plus(penaltySum, times(of(base), times(multiple, days)));
    }
    const oldest = open.map(({ due }) => due).sort()[0];
    const late = oldest === undefined ? 0 : (at(day).getTime() - at(oldest).getTime()) / 86_400_000;
    daysPastDue = late > grace.days ? late : 0;
    if (status === 'ACTIVE' && daysPastDue > terms.nonAccrualAfterDays) status = 'NON_ACCRUAL';
    else if (status === 'NON_ACCRUAL' && (oldest ?? '9') > day && penaltyOwed() === 0n && costs === 0n)
      status = 'ACTIVE';
    sum = plus(sum, times(of(undue), times(rate, of(count(day, tomorrow), year))));
  }

  const interestOwed = total(({ interest }) => interest) + putOff + fixInterest();
  const [owedNow, penaltyNow] = status === 'ACTIVE' ? [interestOwed, penaltyOwed()] : [0n, 0n];
  const memo = status === 'NON_ACCRUAL' ? interestOwed + penaltyOwed() : 0n;
  const penaltyMoney = penaltyPaid - waivedPenalty - lostPenalty - gonePenalty;
  const sums: Record<string, bigint> = {
    CLEARING: moneyIn - BigInt(terms.principal),
    COSTS_INCOME: -costsEver,
    COSTS_RECEIVABLE: costs,
    FEE_INCOME: -fees,
    // Income is what was paid, what was given up or written off after it had been booked, and what is receivable.
    INTEREST_INCOME: -(paidInterest + waivedInterest + goneInterest + owedNow),
    INTEREST_NOT_ACCRUED: memo,
    INTEREST_NOT_ACCRUED_CONTRA: -memo,
    INTEREST_RECEIVABLE: owedNow,
    PENALTY_INCOME: -(penaltyMoney + waivedPenalty + gonePenalty + penaltyNow),
    PENALTY_RECEIVABLE: penaltyNow,
    PRINCIPAL: undue + total(({ principal }) => principal),
    RECOVERY_INCOME: -recovered,
    WAIVER_EXPENSE: waivedCosts + waivedInterest + waivedPenalty,
    WRITE_OFF_EXPENSE: gone + goneInterest + gonePenalty,
  };
  return {
    status,
    daysPastDue,
    principalRepaid: repaid,
    instalmentAmount: amount,
    unpaid: open.map(
      ({ number, due, principal, interest }) =>
        `${String(number)} ${due} ${principal.toString()} ${interest.toString()}`,
    ),
    balances: Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0n)),
  };
}
