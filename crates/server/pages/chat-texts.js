// Every text of the chat page, in both languages. A text with parts to fill in is a function.

const en = {
  lang: "en",
  other: "中文",
  otherLabel: "切换到中文",
  skip: "Skip to the question field",
  online: "Connected",
  connecting: "Connecting …",
  offline: "Connection lost, trying again …",
  human: "Talk to a human",
  humanAsked: "Human asked for",
  withHuman: "With a human",
  end: "End",
  endLong: "End conversation",
  topics: "Topics",
  suggested: "People often ask",
  conversation: "Conversation",
  placeholder: "Type your question",
  question: "Your question",
  send: "Send",
  picture: "Send a picture",
  you: "You",
  bot: "Assistant",
  agent: "Help desk",
  sending: "Sending …",
  notSent: "Not sent.",
  retry: "Try again",
  dismiss: "Dismiss",
  image: "Picture",
  openImage: "Show the picture larger",
  imageFailed: "This picture could not be loaded.",
  imageType: "Only PNG, JPEG, GIF and WebP pictures can be sent.",
  close: "Close",
  related: "Related questions",
  noneOfThese: "None of these",
  solvedAsk: "Did this solve it?",
  yes: "Yes, solved",
  no: "No, not solved",
  solved: "Thank you. Glad that helped.",
  notSolved: "Sorry about that. You can word it differently or talk to a human.",
  byApp: "Answered by an app",
  byBuiltin: "Answered by the built-in engine",
  score: (value) => `match ${Math.round(value * 100)}%`,
  why: "About this answer",
  queue: (n) => `You are number ${n} in the queue.`,
  wait: (minutes) => (minutes <= 1 ? "It should take about a minute." : `It should take about ${minutes} minutes.`),
  onDuty: "A colleague will answer here.",
  agentHere: "A colleague is with you. Just write here.",
  offDuty: "Nobody is on duty right now. Leave your message, you will get the answer here.",
  endAsk: "End this conversation?",
  endWhy: "You can ask a new question at any time.",
  cancel: "Cancel",
  ended: "The conversation has ended.",
  rateAsk: "How was it?",
  rate1: "Not good",
  rate2: "All right",
  rate3: "Good",
  reason: "What should we know? (optional)",
  rateSend: "Send rating",
  rateNeeded: "Please choose one of the three.",
  rated: "Thank you for the rating.",
  askNew: "Ask a new question",
  newMessages: "New messages",
  recalled: "This message was recalled.",
  restarted: "Your earlier conversation could not be continued, so a new one has begun.",
  noNetwork: "The help desk cannot be reached. Please check your connection.",
  failed: (why) => `That did not work: ${why}`,
  tooMany: "That was a bit fast. Please wait a moment and try again.",
  serverTrouble: "The help desk has a problem right now. Please try again in a moment.",
  startFailed: "The chat could not be started.",
};

const zh = {
  lang: "zh-CN",
  other: "English",
  otherLabel: "Switch to English",
  skip: "跳到输入框",
  online: "已连接",
  connecting: "正在连接…",
  offline: "连接已断开，正在重试…",
  human: "转人工",
  humanAsked: "已申请人工",
  withHuman: "人工服务中",
  end: "结束",
  endLong: "结束会话",
  topics: "问题分类",
  suggested: "大家常问",
  conversation: "会话",
  placeholder: "请输入您的问题",
  question: "您的问题",
  send: "发送",
  picture: "发送图片",
  you: "我",
  bot: "智能助手",
  agent: "服务台",
  sending: "发送中…",
  notSent: "发送失败。",
  retry: "重试",
  dismiss: "关闭提示",
  image: "图片",
  openImage: "查看大图",
  imageFailed: "图片加载失败。",
  imageType: "只能发送 PNG、JPEG、GIF 或 WebP 图片。",
  close: "关闭",
  related: "相关问题",
  noneOfThese: "以上都不是",
  solvedAsk: "是否解决了您的问题？",
  yes: "已解决",
  no: "未解决",
  solved: "感谢反馈，很高兴帮到您。",
  notSolved: "很抱歉没有帮到您。可以换个说法再问，或者转人工。",
  byApp: "由应用回答",
  byBuiltin: "由内置引擎回答",
  score: (value) => `匹配度 ${Math.round(value * 100)}%`,
  why: "关于这个回答",
  queue: (n) => `您排在第 ${n} 位。`,
  wait: (minutes) => `预计等待约 ${Math.max(1, minutes)} 分钟。`,
  onDuty: "同事会在这里回复您。",
  agentHere: "同事正在为您服务，请直接在这里留言。",
  offDuty: "目前没有客服在线。请留言，我们会在这里回复您。",
  endAsk: "要结束本次会话吗？",
  endWhy: "之后可以随时提出新问题。",
  cancel: "取消",
  ended: "会话已结束。",
  rateAsk: "您对这次服务满意吗？",
  rate1: "不满意",
  rate2: "一般",
  rate3: "满意",
  reason: "想告诉我们什么？（可不填）",
  rateSend: "提交评价",
  rateNeeded: "请先选择一项。",
  rated: "感谢您的评价。",
  askNew: "提出新问题",
  newMessages: "有新消息",
  recalled: "此消息已被撤回。",
  restarted: "之前的会话无法继续，已为您开始新的会话。",
  noNetwork: "无法连接服务台，请检查网络。",
  failed: (why) => `操作失败：${why}`,
  tooMany: "操作太快了，请稍等片刻再试。",
  serverTrouble: "服务台暂时出现问题，请稍后再试。",
  startFailed: "会话未能开始。",
};

const CHOICE = "deskwire.language";
let current = null;

function recall() {
  try {
    return localStorage.getItem(CHOICE);
  } catch {
    return null;
  }
}

/** The catalogue in use: the guest's own choice, else the browser's language. */
export function texts() {
  current ??= (recall() ?? navigator.language ?? "en").toLowerCase().startsWith("zh") ? zh : en;
  return current;
}

/** The language to tell the server and to write dates in: the browser's regional one where it fits the texts. */
export function locale() {
  const { lang } = texts();
  return navigator.languages.find((language) => language.slice(0, 2) === lang.slice(0, 2)) ?? lang;
}

/** Changes to the other language and remembers it. */
export function switchLanguage() {
  current = texts() === en ? zh : en;
  try {
    localStorage.setItem(CHOICE, current.lang);
  } catch {
    // Storage may be forbidden; the choice then holds for this page only.
  }
}

/** What to tell the guest about a failed call. */
export function explain(error) {
  const t = texts();
  if (error.status === 0) return t.noNetwork;
  if (error.status === 429) return t.tooMany;
  if (error.status >= 500) return t.serverTrouble;
  return t.failed(error.code ? `${error.message} (${error.code})` : error.message);
}
