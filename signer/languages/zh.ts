import type { Catalogue } from './catalogue';

const spans = { DAY: '天', MONTH: '个月', YEAR: '年' } as const;
const every = { DAY: '每天', MONTH: '每月', YEAR: '每年' } as const;
const line = (label: string, value: string): string => `${label}：${value}`;

const states = {
  REQUESTED: '等待签字',
  ACTIVE: '生效中',
  PAUSED: '已暂停',
  REVOKED: '已撤销',
  REJECTED: '已拒绝',
  REPLACED: '已被取代',
  EXPIRED: '已到期',
} as const;

/** Chinese, simplified, for a lay owner. */
export const zh: Catalogue = {
  line,
  limit: ({ unit, value }) => `${value} ${spans[unit]}`,
  department: (id) => `政府部门 ${id}`,
  enterprise: (uscc) => `企业 ${uscc}`,
  fingerprint: '数字指纹',
  list: (parts) => parts.join('、'),
  consent: {
    asks: (bank, channel) => line('谁请求授权', `银行 ${bank}（通道 ${channel}）`),
    whose: (enterprise) => line('谁的数据', `企业 ${enterprise}`),
    purpose: (text, code) => line('用途', `${text}（${code}）`),
    seesNothing: '银行可以看到：不看任何记录',
    sees: '银行可以看到：',
    item: (recordType, holder, fields) => `  - ${recordType}，由${holder}持有：${fields}`,
    asksOnly: '银行不看记录，只可以询问（金额单位为分）：',
    asksBesides: '此外银行可以询问以下问题，但看不到相应记录（金额单位为分）：',
    measure: ({ measure, recordType, months }, field, of) =>
      ({
        SUM: `${field} 的合计${of === '' ? '' : `（另外写有 ${of}）`}`,
        COUNT: `${recordType} 共有几条${field + of === '' ? '' : `（另外写有 ${field} ${of}）`}`,
        RATIO: `${field} 除以 ${of}`,
        TREND: `${field} 与之前 ${months} 个月相比的变化${of === '' ? '' : `（另外写有 ${of}）`}`,
      })[measure],
    question: ({ id, recordType, months, atLeast, atMost }, measure, holder) => {
      const bounds = [
        ...(atLeast === undefined ? [] : [`不低于 ${atLeast}`]),
        ...(atMost === undefined ? [] : [`不高于 ${atMost}`]),
      ].join('并且');
      const only = bounds === '' ? '' : `只回答是否${bounds}：`;
      return `  - ${id}：${only}${measure}，范围为 ${recordType} 的 ${months} 个月，由${holder}回答`;
    },
    about: (from, to) => line('数据所属期间', `${from} 至 ${to}`),
    often: (type, { unit, value }) =>
      line(
        '多久一次',
        type === 'ONETIME'
          ? `向每个持有方只取一次（${every[unit]}最多 ${value} 次）`
          : `向每个持有方${every[unit]}最多 ${value} 次，可反复取用，直到授权结束`,
      ),
    kept: (life) => line('可以看多久', `每次取得的数据可查看 ${life}，授权结束后一律不得再看`),
    inForce: (start, end) => line('授权期限', `${start} 至 ${end}；任何一位签字人都可以提前撤销`),
    afterwards: (days) => line('结束以后', `银行必须在 ${days} 天内删除数据`),
    evidence: (years) =>
      line(
        '如果因此发放贷款',
        years === 0 ? '银行不保留任何数据' : `银行将已签贷款所引用的证据保留 ${years} 年`,
      ),
    id: (consentId) => line('授权编号', consentId),
    replaces: (consentId, digest) =>
      line('取代', `授权 ${consentId}（${digest}）；本授权生效时，原授权即告结束`),
  },
  standing: {
    state: (state, version) => line('目前状态', `${states[state]}（${state}），第 ${version} 版`),
    signatures: (there, required, resuming) =>
      `；${resuming ? '恢复' : '同意'}需要 ${required} 个签名，已有 ${there} 个`,
    missing: (signatures) => `还缺 ${signatures} 个签名`,
    signed: (signatories) => line('已签字', signatories.length === 0 ? '还没有人' : signatories.join('、')),
    persons: (count, missing) =>
      line(
        '个人签字',
        `涉及个人信息，需要 ${count} 位本人亲自签字；还缺：${missing.length === 0 ? '无' : missing.join('、')}`,
      ),
  },
  actions: {
    GRANT: '您同意以上全部内容。签字人数足够以后，银行就可以索取数据。',
    REJECT: '您拒绝这项请求。请求立即终止，对所有签字人有效，不能收回。',
    PAUSE: '您暂停授权。在足够的签字人同意恢复之前，银行不能索取，也不能查看数据。',
    RESUME: '您同意恢复已暂停的授权。签字人数足够以后，授权即行恢复。',
    REVOKE: '您撤销授权。授权立即永久结束，银行必须删除数据，不需要其他签字人同意。',
  },
  orders: {
    labels: {
      order: '指令',
      at: '通道',
      whose: '谁的钱',
      from: '付款账户',
      account: '账户',
      line: '授信额度',
      term: '期限',
      purpose: '用途',
      paidTo: '款项付给',
      to: '收款账户',
      amount: '金额',
      hold: '预留编号',
      until: '预留至',
      loan: '贷款',
      extent: '范围',
      quotedFor: '报价日',
      valid: '有效期',
      id: '指令编号',
    },
    titles: {
      TRANSFER: '转账到本行另一个账户',
      HOLD: '为另一个账户预留款项',
      POST_HOLD: '支付已预留的款项',
      VOID_HOLD: '解除款项预留',
      REDEEM: '把款项转出到银行核心系统的账户',
      REPAY: '偿还贷款到期应还的款项',
      PREPAY: '提前还款',
      DRAW_DOWN: '在授信额度内提款',
    },
    meanings: {
      TRANSFER: '您下令转账。款项立即转出，不会自动退回。',
      HOLD: '您为该账户预留款项。在支付、解除或过期之前，任何人都不能把这笔钱用作别的用途。',
      POST_HOLD: '您下令支付预留的款项。款项立即转出，预留的剩余部分可以重新使用。',
      VOID_HOLD: '您解除预留。不支付任何款项。',
      REDEEM: '您下令把款项转到银行核心系统的账户，由银行两名人员办理。',
      REPAY: '您下令偿还贷款到期应还的款项。款项立即转出。',
      DRAW_DOWN: '您下令提款：从放款日起，按您为授信额度签署的条款产生一笔贷款，由银行两名人员办理。',
      PREPAY: '您下令在到期之前偿还本金。按报价，金额中可能包含费用。',
    },
    debitedAccount: (account) => `${account}，费用和每期还款从这里扣取`,
    months: (count) => `${count} 个月`,
    ownAccount: (account) => `账户 ${account}`,
    payee: (name, account) => `${name}，账户 ${account}`,
    lastDay: (day) => `${day}（含当日，银行营业日）`,
    extents: { PART: '部分贷款', FULL: '全部贷款' },
    once: (day) => `最迟于 ${day} 办理，只办理一次`,
  },
};
