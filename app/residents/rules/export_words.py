"""How an export is called for people: its parts and what stands in them, in Chinese and in English.

A field that has no words here stands by its code, as it does in the API; nothing is left out.
"""

from collections.abc import Mapping

from app.residents.rules.access_words import CHINESE, Words

PARTS: Mapping[str, Words] = {
    "account": Words("账户", "Account"),
    "sign_ins": Words("登录记录", "Sign-ins"),
    "authenticators": Words("验证器", "Authenticators"),
    "passkeys": Words("通行密钥", "Passkeys"),
    "devices": Words("登录设备", "Devices"),
    "security_notices": Words("安全提醒", "Security notices"),
    "app_grants": Words("授权的应用", "Apps that you allowed"),
    "organization_applications": Words("机构入驻申请", "Applications of organizations"),
    "affiliations": Words("任职机构", "Where you work"),
    "resident": Words("实名信息", "Real name"),
    "cards": Words("卡证", "Cards"),
    "allergies": Words("过敏史", "Allergies"),
    "family_contracts": Words("家庭医生签约", "Family-doctor contracts"),
    "consents": Words("知情同意", "Consents"),
    "representatives": Words("可代您办事的人", "Who may act for you"),
    "represented": Words("您可代办的人", "For whom you may act"),
    "civil_papers": Words("提交的证明材料", "Papers that you handed in"),
    "corrections": Words("更正申请", "Requests for corrections"),
    "journal": Words("操作日志", "Journal"),
    "access_log": Words("访问记录", "Who looked at your data, and who was sent news of it"),
    "bills": Words("账单", "Bills"),
    "payments": Words("付款", "Payments"),
    "refunds": Words("退款", "Refunds"),
    "appointments": Words("预约", "Appointments"),
    "appointments_at_institutions": Words("机构保存的预约", "Appointments as institutions keep them"),
    "visits": Words("问诊", "Visits"),
    "visits_kept": Words("问诊列表", "Your list of visits"),
    "prescriptions": Words("处方", "Prescriptions"),
    "routing_orders": Words("购药订单", "Orders at pharmacies"),
    "shipments": Words("药品配送", "Shipments to your door"),
    "prescriptions_kept": Words("处方列表", "Your list of prescriptions"),
    "coverages": Words("保险", "Insurance"),
    "settlements": Words("费用结算", "Settlements"),
    "claims": Words("理赔申请", "Claims"),
    "claim_cases": Words("理赔案件", "Cases at insurers"),
}
_FIELDS = """
account=账户 acknowledged=已确认 actor=操作者 address=地址 advice=医嘱 affiliation=任职 algorithm=算法 amount=金额
answer=答复 app=应用 app_name=应用名称 arrived_at=送达时间 assessment=评估 at=时间 attempt=次数 author=作者
began_at=开始时间 bill=账单 billed=账单金额 birth_date=出生日期 bound_at=绑定时间 cancel_until=可取消至
cash=现金 category=类别 cause=原因 ceiling=封顶额 check=核对 choices=选择 claim=理赔 code=代码 complaint=主诉
courier=配送员 moved_at=状态变更时间 recipient=收货人 shipment=配送 shippable=可配送 asked_at=申请时间
confirmed_at=确认时间 coverage=保险 created_at=创建时间 currency=币种 date=日期 days=天数 deadline=期限
decided_at=决定时间 deductible=起付额 diagnoses=诊断 diagnosis_code=诊断代码 doctor=医师 doctor_name=医师姓名
document=文书 document_kind=证件类型 documents=材料 dose=剂量 ended_at=结束时间 ends_on=截止日期 event=事件
evidence=就诊凭证 evidence_accepted=凭证已采信 expires_at=到期时间 failure=失败原因 fee=费用 findings=检查所见
form=剂型 frequency=频次 fund=基金支付 granted_at=授权时间 group=成分 handed_over_at=交付时间 height=高度
held_until=保留至 hospital=医院 hospital_name=医院名称 host=接收主机 id=编号 institution=机构编号
institution_name=机构名称 insurer=承保机构 insurer_name=承保机构名称 is_current=当前登录 issuer=发卡机构
kind=类型 last_used_on=最近使用日期 legal_basis=依据 line=行 lines=明细 link=地址 locale=语言 locked=已锁定
media_type=文件类型 medicine=药品 member_number=会员号 messages=消息 method=方式 name=姓名或名称 note=备注
number=号码 offered_at=发出时间 order=订单 order_state=订单状态 organization=机构 outcome=结果 own_cost=自付
package=服务包 paid=已付 payer=付款方 pharmacy=药店 pharmacy_name=药店名称 phone=手机号码 picture=图片
plan_name=计划名称 policy=保险条款 prescription=处方 provider=服务机构 provider_name=服务机构名称 purpose=目的
quantity=数量 quote=报价 rank=次序 reason=理由 record=病历 refunded=已退款 removed_at=移除时间 replaces=替代
requested_at=申请时间 resident=居民 resident_name=居民姓名 returned=退回 review=审核 role=角色 roles=角色
route=途径 routing=流转 scopes=授权范围 sentence=说明 seq=序号 sequence=序号 service_date=服务日期
settled=已结算 settlement=结算 severity=程度 sex=性别 shift=班次 signatures=签名 signed_at=签署时间 site=院区
size=大小 slot=时段 starts_at=开始时间 starts_on=起始日期 state=状态 stated_at=陈述时间 stopping=终止中
strength=规格 subject=对象 subjects=科目 submitted_at=提交时间 taken_at=接诊时间 team_name=团队名称
tenant=机构编号 tenant_kind=机构类型 tenant_name=机构名称 term_years=年限 text=内容 to_pay=待付 total=合计
type=类型 unbound_at=解绑时间 unit=单位 valid_from=生效日期 valid_until=有效期至 validity_days=有效天数 value=值
verification_method=核验方式 verified_at=核验时间 version=版本 visit=问诊 waiting=等待 who=访问者 width=宽度
written_at=书写时间 returning=退款中 surplus=多付 surplus_refunded=多付已退款
"""
FIELDS: Mapping[str, str] = dict(pair.split("=") for pair in _FIELDS.split())
TITLE = Words("我的全部资料", "Everything about me")
CONTENTS = Words("目录", "Contents")
NOTHING = Words("无", "Nothing")
COLUMNS = (Words("项目", "What"), Words("内容", "Content"))
YES, NO = Words("是", "yes"), Words("否", "no")
LEAD = (
    Words("编号：{person}。生成时间：{at}。", "Of {person}, made on {at}."),
    Words(
        "金额以分为单位。状态、类型等以系统代码表示。时间为北京时间。",
        "Amounts are in fen, a hundredth of a yuan. States and kinds stand as codes. Times are those of Beijing.",
    ),
    Words(
        "字体中没有的字以方括号内的统一码编号表示，例如 [U+20BB7]；同时生成的 JSON 文件中保留原字。",
        "A character that the font does not have stands as its number in brackets, as [U+20BB7]; "
        "the JSON file that was made with this one has it as it is.",
    ),
)


def said(words: Words, language: str) -> str:
    """`words` in one of `access_words.LANGUAGES`."""
    return words.zh if language == CHINESE else words.en


def part_called(name: str, language: str) -> str:
    """The heading of a part."""
    return said(PARTS[name], language) if name in PARTS else _plain(name)


def field_called(name: str, language: str) -> str:
    """The words for a field; its code where there are none."""
    return FIELDS.get(name, name) if language == CHINESE else _plain(name)


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize()
