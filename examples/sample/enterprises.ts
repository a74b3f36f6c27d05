import { checkCharacter } from '../../chaincode/registry/uscc';
import { industries, type Industry } from './industries';
import type { Random } from './random';

/**
 * How an enterprise fares, and what is wrong with it. Each kind of fraud has an innocent look-alike whose books show the
 * same sign for an honest reason.
 */
export const profiles = [
  'STEADY',
  'GROWING',
  'DISTRESSED',
  /** Files more than it invoices, for half a year before it asks for credit. */
  'FRAUD_OVERSTATED',
  /** Three related firms invoice each other in a ring. */
  'FRAUD_ROUND_TRIP',
  /** Sales jump by an order of magnitude with few employees. */
  'FRAUD_SUDDEN',
  /** Files more than it invoices, always: its customers are consumers. */
  'HONEST_CONSUMERS',
  /** A group of firms that really process for each other, with a margin. */
  'HONEST_GROUP',
  /** One large contract with a listed buyer, and the staff to carry it out. */
  'HONEST_CONTRACT',
] as const;
export type Profile = (typeof profiles)[number];

export interface Region {
  readonly name: string;
  readonly code: string;
  readonly word: string;
  readonly districts: readonly string[];
  readonly marketRegulation: string;
  readonly tax: string;
}

export const regions: readonly Region[] = [
  {
    name: 'Shanghai',
    code: '310000',
    word: '上海',
    districts: ['浦东新区', '闵行区', '宝山区', '嘉定区', '松江区'],
    marketRegulation: 'amr-shanghai',
    tax: 'tax-shanghai',
  },
  {
    name: 'Zhejiang',
    code: '330000',
    word: '浙江',
    districts: ['杭州市余杭区', '宁波市鄞州区', '绍兴市柯桥区', '金华市义乌市', '温州市鹿城区'],
    marketRegulation: 'amr-zhejiang',
    tax: 'tax-zhejiang',
  },
];

export interface SampleEnterprise {
  readonly uscc: string;
  readonly name: string;
  readonly region: Region;
  readonly industry: Industry;
  readonly profile: Profile;
  /** Firms that belong together: a ring or a group. */
  readonly group: string;
  readonly establishedOn: string;
  /** Fen. */
  readonly capital: bigint;
  readonly address: string;
  readonly legalRepresentative: string;
  readonly owners: readonly { readonly name: string; readonly share: number }[];
  readonly officers: readonly { readonly name: string; readonly office: string }[];
  /** Average monthly sales in fen, before season and trend. */
  readonly sales: bigint;
  readonly cadence: 'MONTHLY' | 'QUARTERLY';
}

const surnames = Array.from('王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗');
const givenNames = [
  '伟',
  '芳',
  '秀英',
  '敏',
  '静',
  '丽',
  '强',
  '磊',
  '军',
  '洋',
  '勇',
  '艳',
  '杰',
  '娟',
  '涛',
  '明',
  '超',
  '霞',
  '平',
  '刚',
];
const brands = Array.from('恒瑞华信宏达盛泰鑫源安康永昌隆兴德顺利丰嘉禾');

/** A quarter of a year's filing suffices for those below this, in fen a month. */
const quarterlyBelow = 25_000_000n;

/** The firms of the sample consortium. The first one is the story's borrower: growing, monthly filings, Shanghai. */
export function makeEnterprises(random: Random, count: number): readonly SampleEnterprise[] {
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, index) =>
    makeEnterprise(random.fork(`enterprise-${index}`), index, taken),
  );
}

function makeEnterprise(random: Random, index: number, taken: Set<string>): SampleEnterprise {
  const profile = profileOf(index);
  const region = index === 0 ? first(regions) : random.pick(regions);
  const industry = industryOf(random, index, profile);
  const representative = person(random);
  const partner = person(random);
  const share = random.int(4000, 8000);
  const [least, most] = industry.sales;
  const sales = BigInt(index === 0 ? most : random.int(least, most));
  const district = random.pick(region.districts);
  return {
    uscc: uscc(random, region.code, taken),
    name: `${region.word}${random.pick(brands)}${random.pick(brands)}${industry.word}有限公司`,
    region,
    industry,
    profile,
    group:
      profile === 'FRAUD_ROUND_TRIP' || profile === 'HONEST_GROUP'
        ? `${profile}-${Math.floor(index / groupSpan)}`
        : '',
    establishedOn: isoDate(
      random.int(2003, profile === 'FRAUD_SUDDEN' ? 2023 : 2019),
      random.int(1, 12),
      random.int(1, 28),
    ),
    capital: BigInt(random.int(1, 50)) * 100_000_000n,
    address: `${district}${random.pick(brands)}${random.pick(brands)}路${random.int(1, 2000)}号`,
    legalRepresentative: representative,
    owners: [
      { name: representative, share },
      { name: partner, share: 10_000 - share },
    ],
    officers: [
      { name: representative, office: 'Executive director' },
      { name: partner, office: 'Supervisor' },
      { name: person(random), office: 'Finance' },
    ],
    sales,
    cadence: sales < quarterlyBelow ? 'QUARTERLY' : 'MONTHLY',
  };
}

/** Members of a ring stand this far apart at most. */
const groupSpan = 30;

/** Of thirty firms: 13 steady, 5 growing, 3 in distress, 5 frauds (a ring of three), 4 look-alikes (a group of two). */
const pattern: readonly Profile[] = [
  ...['GROWING', 'STEADY', 'DISTRESSED', 'STEADY', 'HONEST_CONSUMERS', 'STEADY', 'GROWING', 'STEADY'],
  ...['FRAUD_OVERSTATED', 'STEADY', 'HONEST_CONTRACT', 'STEADY', 'DISTRESSED', 'GROWING', 'STEADY'],
  ...[
    'FRAUD_ROUND_TRIP',
    'FRAUD_ROUND_TRIP',
    'FRAUD_ROUND_TRIP',
    'STEADY',
    'GROWING',
    'STEADY',
    'HONEST_GROUP',
  ],
  ...['HONEST_GROUP', 'STEADY', 'FRAUD_SUDDEN', 'STEADY', 'DISTRESSED', 'STEADY', 'GROWING', 'STEADY'],
] as Profile[];

function profileOf(index: number): Profile {
  return pattern[index % pattern.length] ?? 'STEADY';
}

function industryOf(random: Random, index: number, profile: Profile): Industry {
  if (index === 0) return named('Machinery');
  if (profile === 'HONEST_CONSUMERS') return named(random.pick(['Retail', 'Catering']));
  const businesses = industries.filter(({ uninvoiced }) => uninvoiced === 0);
  return profile.startsWith('FRAUD') || profile === 'HONEST_GROUP'
    ? random.pick(businesses)
    : random.pick(industries);
}

function named(name: string): Industry {
  return first(industries.filter((industry) => industry.name === name));
}

function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error('the list is empty');
  return item;
}

function person(random: Random): string {
  return `${random.pick(surnames)}${random.pick(givenNames)}`;
}

/** A code with the prefix of enterprises (91), the region and a check character; never one that was given out before. */
export function uscc(random: Random, region: string, taken: Set<string>): string {
  for (;;) {
    const first17 = `91${region}MA${String(random.int(0, 9_999_999)).padStart(7, '0')}`;
    const code = `${first17}${checkCharacter(first17) ?? ''}`;
    if (!taken.has(code)) {
      taken.add(code);
      return code;
    }
  }
}

/** `YYYY-MM-DD`. */
export function isoDate(year: number, month: number, day: number): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
