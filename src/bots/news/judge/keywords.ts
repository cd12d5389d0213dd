/** A kind of news, the phrases that reveal it, and the score of one mention. Negative kinds speak against an alert. */
export interface Topic {
  readonly name: string
  readonly weight: number
  /** Regular expressions without groups that capture; matched on word boundaries, whatever the case. */
  readonly phrases: readonly string[]
  /** True when the body of a release says such things anyway, so that only the title counts. */
  readonly titleOnly?: boolean
}

export const TOPICS: readonly Topic[] = [
  {
    name: 'fda',
    weight: 3,
    phrases: [
      '(?:fda|ema) (?:approv(?:es|ed|al)|clear(?:s|ed|ance)|grants?|accepts?)',
      '(?:approv(?:ed|al)|clear(?:ed|ance)|authoriz(?:ed|ation)) (?:by|from) (?:the )?(?:u\\.?s\\.? )?fda',
      '(?:breakthrough|fast track|orphan drug|priority review) (?:therapy )?(?:designation|status)',
      '510\\(k\\) clearance',
      'emergency use authorization',
    ],
  },
  {
    name: 'clinical',
    weight: 1.5,
    phrases: [
      'top-?line (?:data|results)',
      '(?:met|meets|achieved|achieves) (?:its |the |all )?primary endpoints?',
      'positive (?:phase|clinical|interim)',
      'phase (?:[123]|i{1,3})(?:[ab])? (?:data|results|trial|study)',
      'pivotal (?:trial|study)',
    ],
  },
  {
    name: 'partnership',
    weight: 1,
    phrases: [
      'partnership',
      'partners with',
      'collaboration (?:agreement|with)',
      'collaborates? with',
      'strategic alliance',
      'joint venture',
      'licens(?:e|ing) agreement',
    ],
  },
  {
    name: 'contract',
    weight: 1.5,
    phrases: [
      '(?:awarded|wins|won|secures|secured|receives|signs|lands) .{0,60}(?:contracts?|orders?)',
      'contract (?:award|win|extension)',
      'purchase orders?',
      'supply agreement',
    ],
  },
  {
    name: 'acquisition',
    weight: 2,
    // Many shell companies are called Something Acquisition Corp.
    phrases: [
      'acquires?',
      'to be acquired',
      'acquisition of',
      'acquisition(?! (?:of|corp|corporation|co|company|holdings|inc|limited|ltd)(?![\\p{L}]))',
      'merger(?: agreement)?',
      'takeover (?:bid|offer)',
      'tender offer',
      'buyout',
      'take-private',
    ],
  },
  {
    name: 'earnings',
    weight: 1,
    phrases: [
      'record (?:\\w+ )?(?:revenues?|earnings|sales|profits?|quarter|results)',
      '(?:raises|raised|increases|lifts) (?:[\\w-]+ ){0,4}(?:guidance|outlook|forecast)',
      'beats? (?:\\w+ )?(?:estimates|expectations)',
      '(?:quarter|full[- ]year|half[- ]year|annual|fiscal (?:year )?\\d{4}|financial) results',
    ],
  },
  {
    name: 'uplisting',
    weight: 2,
    phrases: [
      'uplist(?:s|ing|ed)?',
      'approved for listing',
      '(?:begins?|commences?|to begin) trading on (?:the )?(?:nasdaq|nyse)',
    ],
  },
  {
    name: 'analyst',
    weight: 1,
    phrases: [
      'upgrade[sd]',
      '(?:rating|analyst) upgrade',
      '(?:raises|raised) (?:its |the )?price target',
      'initiate[sd] coverage',
    ],
  },
  {
    name: 'offering',
    weight: -2,
    phrases: [
      '(?:public|direct|secondary|follow-on|stock|share|equity|rights|notes) offering',
      'at-the-market',
      'private placement',
      'convertible (?:senior )?notes',
      'warrants? (?:exercise|inducement)',
      'dilut(?:ion|ive)',
    ],
  },
  {
    name: 'distress',
    weight: -4,
    phrases: [
      'going concern',
      'bankruptcy',
      'chapter (?:11|7)',
      'insolven(?:t|cy)',
      'receivership',
      'event of default',
    ],
  },
  {
    name: 'delisting',
    weight: -3,
    phrases: [
      'delist(?:s|ed|ing)?',
      '(?:deficiency|non-?compliance) (?:notice|letter|notification)',
      'minimum bid price',
      'reverse (?:stock |share )?split',
    ],
  },
  {
    name: 'setback',
    weight: -3,
    phrases: [
      'complete response letter',
      'clinical hold',
      '(?:did|does) not meet',
      'fail(?:s|ed) to meet',
      'recalls?',
      'terminat(?:es|ed|ion of)',
      '(?:lowers|lowered|cuts|withdraws) (?:[\\w-]+ ){0,4}(?:guidance|outlook|forecast)',
    ],
  },
  { name: 'downgrade', weight: -1.5, phrases: ['downgrade[sd]?'] },
  {
    name: 'lawsuit',
    weight: -3,
    phrases: [
      'class action',
      '(?:shareholder|investor|stockholder) (?:alert|notice|reminder|investigation)',
      'law firm',
      'lead plaintiff',
      'securities fraud',
    ],
  },
  {
    name: 'buyback',
    weight: -2,
    phrases: ['buy-?backs?', 'own shares', 'treasury shares', 'share repurchases?'],
  },
  {
    name: 'notice',
    weight: -1.5,
    titleOnly: true,
    phrases: [
      'to (?:report|announce|release|host|present|participate|attend|webcast)',
      '(?:announces|sets) (?:the )?dates?',
      'conference call',
      'annual general meeting',
    ],
  },
]

/**
 * The topics of an 8-K's items. Items that are not listed (7.01, 8.01, 9.01…) can be anything and count nothing.
 * Source: SEC, Form 8-K, general instructions.
 */
export const ITEMS_8K: Readonly<Record<string, { readonly name: string; readonly weight: number }>> = {
  '1.01': { name: 'contract', weight: 1 },
  '1.02': { name: 'setback', weight: -1 },
  '1.03': { name: 'distress', weight: -4 },
  '2.01': { name: 'acquisition', weight: 2 },
  '2.02': { name: 'earnings', weight: 1 },
  '2.04': { name: 'distress', weight: -2 },
  '2.05': { name: 'setback', weight: -1 },
  '2.06': { name: 'setback', weight: -1 },
  '3.01': { name: 'delisting', weight: -3 },
  '3.02': { name: 'offering', weight: -2 },
  '4.02': { name: 'restatement', weight: -3 },
  '5.01': { name: 'acquisition', weight: 2 },
}

/** The weights of sources: a regulator's own feed counts more, paid-for promotion less. Others count 1. */
export const SOURCE_WEIGHTS: Readonly<Record<string, number>> = {
  'sec.gov': 1.25,
  'globenewswire.com': 1,
  'prnewswire.com': 1,
  'businesswire.com': 1,
  'accessnewswire.com': 0.75,
  'einpresswire.com': 0.5,
}
