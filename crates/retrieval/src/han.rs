//! Traditional to simplified Chinese, one character to one character.
//!
//! The commonest characters of help desk texts, not all: what is missing here still matches
//! its own spelling. Where one simplified form stands for several characters all of them fold
//! to it (發 and 髮 to 发), which is what a search wants.

use std::sync::LazyLock;

use crate::num::wide;

/// Pairs, traditional first, sorted by it.
const PAIRS: &str = "\
    丟丢並并乾干亂乱亞亚佈布佔占併并來来侶侣係系俠侠倉仓個个們们倫伦偉伟偽伪傘伞備备傢家傭佣傳传債债傷伤傾倾僅仅價价儀仪億亿償偿優优儲储兒儿內内兩两冊册凍冻凱凯別别\
    刪删則则剋克剛刚創创劃划劉刘劍剑劑剂勁劲動动務务勝胜勞劳勢势勵励勸劝勻匀匯汇區区協协卻却厭厌厲厉參参吳吴員员唸念問问啓启啞哑啟启喚唤喪丧喬乔單单嗎吗嘆叹嘗尝噹当\
    嚐尝嚮向嚴严國国圍围園园圓圆圖图團团執执堅坚堯尧報报場场塊块塗涂塵尘墊垫墜坠墳坟壇坛壓压壘垒壞坏壯壮壽寿夠够夢梦夾夹奧奥奪夺奮奋妝妆妳你姪侄婦妇媽妈嬌娇嬰婴孫孙\
    學学宮宫實实寧宁審审寫写寬宽寵宠寶宝將将專专尋寻對对導导屜屉層层屬属岡冈峯峰島岛嶺岭嶼屿帥帅師师帳帐帶带幟帜幣币幫帮幹干幾几庫库廁厕廟庙廠厂廢废廣广廳厅張张強强\
    彈弹彌弥彎弯彙汇後后徑径從从復复徵征徹彻悅悦惡恶惱恼愛爱態态慘惨慣惯慶庆慾欲憐怜憑凭憤愤憫悯憲宪憶忆懇恳應应懶懒懷怀懸悬懼惧戀恋戰战戲戏戶户拋抛捨舍掃扫掛挂採采\
    揀拣揚扬換换揮挥損损搖摇搶抢撐撑撥拨撫抚撲扑撿捡擁拥擄掳擇择擊击擋挡擔担據据擠挤擬拟擰拧擱搁擴扩擺摆擾扰攏拢攔拦攜携攝摄攤摊敗败敘叙敵敌數数斷断於于昇升時时晉晋\
    晝昼暈晕暢畅暫暂曉晓曠旷曬晒書书會会東东條条棄弃棗枣棟栋棧栈楊杨楓枫業业極极構构槍枪樂乐樓楼標标樞枢樣样樸朴樹树橋桥機机橫横檔档檢检檯台檸柠櫃柜欄栏權权歐欧歡欢\
    歲岁歷历歸归殘残殺杀殼壳毆殴氣气決决沒没況况涼凉淚泪淨净淵渊淺浅減减渦涡測测渾浑湊凑湯汤準准溝沟溫温滅灭滙汇滬沪滯滞滲渗滿满漁渔漢汉漲涨漿浆潔洁潤润澀涩澆浇澤泽\
    濃浓濕湿濟济濤涛濫滥濾滤灑洒灘滩灣湾災灾為为烏乌無无煉炼煩烦熱热燈灯燒烧營营爐炉爛烂爭争爲为爺爷爾尔牆墙牠它牽牵犧牺狀状猶犹獄狱獅狮獎奖獨独獲获獵猎獸兽獻献現现\
    瑪玛環环瓊琼產产畝亩畢毕畫画異异當当瘋疯療疗癢痒癮瘾發发皺皱盜盗盞盏盡尽監监盤盘盧卢眾众睜睁確确碼码磚砖礎础礦矿禍祸禦御禮礼稅税種种稱称穀谷積积穩稳穫获窮穷竅窍\
    竊窃競竞筆笔筍笋節节範范築筑篩筛簡简簽签簾帘籃篮籤签籲吁糧粮糾纠紀纪約约紅红紋纹納纳純纯紗纱紙纸級级紛纷紡纺紮扎細细紹绍終终組组結结絕绝絡络給给統统絲丝綁绑經经\
    綜综綠绿綫线維维綱纲網网綸纶綽绰綿绵緊紧緒绪線线緣缘編编緩缓練练緻致縣县縫缝縮缩縱纵總总績绩織织繞绕繪绘繫系繳缴繼继續续罰罚羅罗羣群羨羡義义習习聖圣聯联聰聪聲声\
    職职聽听脫脱脹胀腦脑腫肿腳脚腸肠膚肤膠胶膽胆臉脸臟脏臨临臺台與与興兴舉举舊旧艦舰莊庄莖茎華华萬万葉叶葷荤蓋盖蓮莲蔣蒋薑姜薦荐藍蓝藝艺藥药蘇苏蘋苹蘭兰處处虛虚號号\
    虧亏蝕蚀蝦虾螞蚂螢萤蟲虫衆众術术衛卫衝冲裏里補补裝装裡里製制複复褲裤襪袜見见規规視视親亲覺觉覽览觀观觸触訂订計计訊讯討讨訓训託托記记訪访設设許许訴诉診诊註注詐诈\
    評评詞词詢询試试詩诗話话該该詳详誇夸誌志認认語语誠诚誤误說说誰谁課课調调談谈請请論论諮咨諸诸諾诺謀谋講讲謝谢證证識识譜谱譯译議议護护讀读變变讓让讚赞豈岂豐丰貓猫\
    貝贝負负財财貢贡貨货販贩貪贪貫贯責责貴贵買买貸贷費费貼贴貿贸賀贺資资賊贼賓宾賜赐賞赏賠赔賢贤賣卖賦赋質质賬账賴赖賺赚購购賽赛贈赠贊赞贖赎趕赶趙赵踐践蹤踪躍跃車车\
    軌轨軍军軟软較较載载輔辅輕轻輛辆輩辈輪轮輸输轉转辦办辭辞農农迴回這这連连週周進进遊游運运過过達达違违遙遥遞递遠远適适遲迟遷迁選选遺遗還还邊边郵邮鄉乡鄰邻醫医釋释\
    釘钉針针鈉钠鈔钞鈣钙鈴铃鉗钳鉛铅銀银銅铜銷销鋁铝鋒锋鋪铺鋼钢錄录錢钱錦锦錯错錶表鍋锅鍛锻鍵键鍾钟鎖锁鎮镇鏈链鏡镜鐘钟鐵铁鑒鉴鑰钥鑿凿長长門门閃闪閉闭開开閑闲閒闲\
    間间閱阅闆板闊阔關关陣阵陰阴陳陈陸陆陽阳隊队階阶際际隨随險险隱隐隻只雖虽雙双雜杂雞鸡離离難难雲云電电霧雾靈灵靜静韓韩響响頁页頂顶項项順顺須须預预頑顽頓顿頗颇領领\
    頭头頻频顆颗題题額额顏颜願愿類类顧顾顯显風风颱台飛飞飯饭飲饮飽饱飾饰養养餓饿餘余館馆餵喂饋馈馬马馮冯馳驰駕驾駛驶騎骑騙骗騰腾驅驱驗验驚惊髒脏體体髮发鬆松鬍胡鬚须\
    鬥斗鬧闹鬱郁魚鱼鮮鲜鳥鸟鳳凤鴨鸭鵝鹅鹹咸鹽盐麗丽麥麦麵面麼么麽么黃黄點点黨党齊齐齒齿齡龄齣出龍龙龜龟\
";

static TABLE: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let chars: Vec<char> = PAIRS.chars().collect();
    chars.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
});

/// Those that the table has: most characters are not in it.
static LISTED: LazyLock<HanSet> = LazyLock::new(|| HanSet::of(TABLE.iter().map(|pair| pair.0)));

/// A set of Chinese characters, with one look to tell whether one is in it.
pub(crate) struct HanSet(Box<[u64]>);

const FIRST: u32 = 0x4e00;
const LAST: u32 = 0x9fff;

impl HanSet {
    /// Of the basic Chinese characters; others are left out.
    pub(crate) fn of(chars: impl Iterator<Item = char>) -> Self {
        let mut set = Self(vec![0; wide((LAST - FIRST) / 64 + 1)].into());
        for c in chars {
            let at = u32::from(c).wrapping_sub(FIRST);
            if let Some(bits) = set.0.get_mut(wide(at / 64)) {
                *bits |= 1 << (at % 64);
            }
        }
        set
    }

    pub(crate) fn has(&self, c: char) -> bool {
        let at = u32::from(c).wrapping_sub(FIRST);
        self.0.get(wide(at / 64)).is_some_and(|bits| bits & 1 << (at % 64) != 0)
    }
}

/// Whether it is one of the basic Chinese characters.
pub(crate) fn is_basic(c: char) -> bool {
    (FIRST..=LAST).contains(&u32::from(c))
}

/// The simplified form if the table has one, else `c`.
pub(crate) fn simplified(c: char) -> char {
    if !LISTED.has(c) {
        return c;
    }
    match TABLE.binary_search_by_key(&c, |pair| pair.0) {
        Ok(at) => TABLE[at].1,
        Err(_) => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_and_folds_once() {
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0));
        assert!(TABLE.len() > 500);
        for (_, to) in TABLE.iter() {
            assert_eq!(simplified(*to), *to);
        }
    }

    #[test]
    fn folds_what_it_knows() {
        let folded: String = "無法登錄帳號 密碼錯誤 發票".chars().map(simplified).collect();
        assert_eq!(folded, "无法登录帐号 密码错误 发票");
        assert_eq!(simplified('a'), 'a');
    }
}
