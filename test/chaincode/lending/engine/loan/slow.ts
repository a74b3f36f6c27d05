import type { LoanFact, LoanTerms } from '../../../../../chaincode/lending/engine/loan';
import {
  at,
  decimal,
  least,
  monthDays,
  monthOf,
  of,
  over,
  partsOf,
  plus,
  shift,
  times,
  toWhole,
  type Fraction,
  type Part,
} from './slow-schedule';

/** What both calculations must agree on. */
export interface Result {
  readonly status: string;
  readonly daysPastDue: number;
  readonly principalRepaid: bigint;
  readonly instalmentAmount: bigint;
  readonly unpaid: readonly string[];
  readonly balances: Record<string, bigint>;
}

/**
 * A loan computed slowly, from the definitions and with no code of the engine: exact fractions, day by day, dates by the
 * runtime's `Date`. Balances are not sums of entries; they are said of the state at the end.
 */
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
  let [lostPenalty, recovered, moneyIn, claim] = [0n, 0n, 0n, 0n];
  let [index, last, amount, status, daysPastDue] = [0, schedule.length, 0n, 'ACTIVE', 0];
  const flags = { done: false, resize: false };
  let open: { number: number; due: string; principal: bigint; interest: bigint }[] = [];

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
    // The balance after the last instalment is u − v·amount, and must be nothing.
    let [u, v] = [of(undue), of(0n)];
    let from = idle?.fixedOn ?? day;
    for (const [place, { fixedOn }] of paying.entries()) {
      const factor = plus(of(1n), times(rate, of(count(from, fixedOn), year)));
      u = times(u, factor);
      if (place === 0 && idle === undefined) u = plus(u, sum);
      v = plus(times(v, factor), of(1n));
      from = fixedOn;
    }
    amount = whole(over(u, v));
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
    for (; !flags.done && schedule[index]?.fixedOn === day; index += 1) {
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
      flags.done = part.number >= last || (undue === 0n && sum.n === 0n && putOff === 0n);
    }
  };
  const closeIfPaid = () => {
    const owed = undue + costs + penaltyOwed() + putOff + fixInterest();
    if (ended() || owed > 0n || open.length > 0) return;
    status = 'REPAID';
    sum = of(0n);
    daysPastDue = 0;
    flags.done = true;
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
        if (low > 0n) flags.resize = true;
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
          if (!held) waivedInterest += given;
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
      [open, undue, costs, putOff, sum, status, flags.done] = [[], 0n, 0n, 0n, of(0n), 'WRITTEN_OFF', true];
    } else if (fact.type === 'TERMINATED') {
      const interest = fixInterest() + putOff;
      for (const item of open) if (item.due > day) item.due = day;
      const number = flags.done ? last : (schedule[index]?.number ?? last);
      if (undue + interest > 0n) open.push({ number, due: day, principal: undue, interest });
      [undue, putOff, sum, flags.done, flags.resize] = [0n, 0n, of(0n), true, false];
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
            if (terms.type === 'ANN' && !flags.done) sizeAmount(day);
          }
        }
    }
    for (const fact of facts) if (fact.valueDate === day) happen(fact, day);
    if (ended()) continue;
    if (flags.resize && !flags.done) {
      if (terms.prepayment.mode === 'SHORTEN') shorten(day);
      else sizeAmount(day);
    }
    flags.resize = false;
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
