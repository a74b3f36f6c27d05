import type { MetricCode } from '../../products/model';
import { metricCodes } from '../../products/model';
import type { MetricValue } from '../model';
import type { Facts } from './facts';
import {
  debtServiceCoverage,
  operating,
  payrollTrend,
  penaltiesRecent,
  penaltiesUnsettled,
  taxArrears,
  taxCreditRating,
  yearsInBusiness,
  type LoanAsked,
} from './standing';
import {
  annualRevenue,
  buyerConcentration,
  invoiceDeviation,
  periodsNotFiled,
  revenueGrowth,
  revenueVolatility,
  taxBurdenChange,
  taxPaidShare,
} from './turnover';

const measures: Readonly<Record<MetricCode, (facts: Facts, asked: LoanAsked) => string | null>> = {
  'annual-revenue': annualRevenue,
  'revenue-growth': revenueGrowth,
  'revenue-volatility': revenueVolatility,
  'periods-not-filed': periodsNotFiled,
  'tax-paid-share': taxPaidShare,
  'tax-burden-change': taxBurdenChange,
  'invoice-deviation': invoiceDeviation,
  'buyer-concentration': buyerConcentration,
  'years-in-business': yearsInBusiness,
  operating,
  'tax-credit-rating': taxCreditRating,
  'tax-arrears': taxArrears,
  'penalties-unsettled': penaltiesUnsettled,
  'penalties-recent': penaltiesRecent,
  'payroll-trend': payrollTrend,
  'debt-service-coverage': debtServiceCoverage,
};

/** Every metric of an applicant, in the fixed order of {@link metricCodes}. */
export function measure(facts: Facts, asked: LoanAsked): readonly MetricValue[] {
  return metricCodes.map((metric) => ({ metric, value: measures[metric](facts, asked) }));
}
