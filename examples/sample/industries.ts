/** What makes the books of one industry look like that industry. Shares are per mille; money is fen. */
export interface Industry {
  readonly name: string;
  /** Word in a company's name. */
  readonly word: string;
  /** January to December, per mille of an average month; they sum to 12,000. */
  readonly season: readonly number[];
  /** Monthly sales of a typical firm, in fen: least and most. */
  readonly sales: readonly [number, number];
  /** Purchases as a share of sales. */
  readonly purchases: number;
  readonly payroll: number;
  readonly vatBasisPoints: number;
  /** Share of sales to consumers, who ask for no invoice. */
  readonly uninvoiced: number;
}

const even = [980, 800, 1020, 1010, 1020, 1020, 1000, 1000, 1030, 1000, 1060, 1060];

/** Chinese New Year in February empties factories, the autumn festivals and November fill shops. */
export const industries: readonly Industry[] = [
  {
    name: 'Machinery',
    word: '机械',
    season: even,
    sales: [60_000_000, 400_000_000],
    purchases: 620,
    payroll: 160,
    vatBasisPoints: 1300,
    uninvoiced: 0,
  },
  {
    name: 'Electronics',
    word: '电子',
    season: [900, 700, 950, 960, 980, 1000, 1020, 1080, 1150, 1120, 1120, 1020],
    sales: [80_000_000, 600_000_000],
    purchases: 700,
    payroll: 110,
    vatBasisPoints: 1300,
    uninvoiced: 0,
  },
  {
    name: 'Textiles',
    word: '纺织',
    season: [850, 650, 1050, 1100, 1050, 950, 900, 1000, 1150, 1200, 1100, 1000],
    sales: [40_000_000, 250_000_000],
    purchases: 660,
    payroll: 190,
    vatBasisPoints: 1300,
    uninvoiced: 0,
  },
  {
    name: 'Food wholesale',
    word: '食品',
    season: [1350, 1150, 800, 850, 900, 900, 900, 950, 1250, 1000, 900, 1050],
    sales: [50_000_000, 300_000_000],
    purchases: 800,
    payroll: 70,
    vatBasisPoints: 900,
    uninvoiced: 30,
  },
  {
    name: 'Retail',
    word: '商贸',
    season: [1150, 1000, 850, 900, 950, 1050, 900, 900, 950, 1050, 1300, 1000],
    sales: [20_000_000, 150_000_000],
    purchases: 740,
    payroll: 120,
    vatBasisPoints: 1300,
    uninvoiced: 350,
  },
  {
    name: 'Construction',
    word: '建筑',
    season: [600, 400, 900, 1050, 1150, 1150, 1100, 1100, 1150, 1150, 1150, 1100],
    sales: [100_000_000, 800_000_000],
    purchases: 640,
    payroll: 210,
    vatBasisPoints: 900,
    uninvoiced: 0,
  },
  {
    name: 'Logistics',
    word: '物流',
    season: [950, 700, 950, 980, 1000, 1020, 1000, 1020, 1080, 1080, 1200, 1020],
    sales: [30_000_000, 200_000_000],
    purchases: 560,
    payroll: 260,
    vatBasisPoints: 900,
    uninvoiced: 0,
  },
  {
    name: 'Software',
    word: '软件',
    season: [700, 650, 900, 850, 900, 1100, 850, 900, 1100, 950, 1100, 2000],
    sales: [15_000_000, 180_000_000],
    purchases: 200,
    payroll: 480,
    vatBasisPoints: 600,
    uninvoiced: 0,
  },
  {
    name: 'Catering',
    word: '餐饮',
    season: [1100, 1200, 900, 930, 1000, 950, 1000, 1050, 950, 1050, 900, 970],
    sales: [8_000_000, 60_000_000],
    purchases: 480,
    payroll: 300,
    vatBasisPoints: 600,
    uninvoiced: 600,
  },
];
