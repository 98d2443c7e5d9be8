"""What the columns of imports are called: to operators, in the headers of their files, and in an example row."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

LANGUAGES = ("en", "zh-hans")
_NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Column:
    """`headers` are further names that files use for it, `example` is a value that would be taken (now, if it says)."""

    label: str | Promise
    headers: tuple[str, ...] = ()
    example: str | Callable[[datetime], str] = ""

    def example_at(self, now: datetime) -> str:
        return self.example if isinstance(self.example, str) else self.example(now)


def _yesterday(now: datetime) -> str:
    """Events of long ago are refused, so their example moves with the time."""
    return (timezone.localtime(now) - timedelta(days=1)).isoformat(timespec="seconds")


# The same name means the same in every kind of facts.
_COLUMNS: dict[str, Column] = {
    "uid": Column(
        _("Member’s uid"),
        (
            "member id",
            "user id",
            "customer id",
            "会员号",
            "会员ID",
            "会员编号",
            "会员",
            "用户ID",
            "用户编号",
            "客户编号",
        ),
        "10001",
    ),
    "name": Column(_("Name"), ("full name", "姓名", "会员姓名", "会员名", "名字", "名称", "昵称", "客户姓名"), "王芳"),
    "phone": Column(
        _("Phone"),
        ("mobile", "phone number", "手机号", "手机", "手机号码", "电话", "联系电话", "会员手机号"),
        "13800138000",
    ),
    "email": Column(_("Email"), ("e-mail", "mail", "邮箱", "电子邮箱", "邮件", "电子邮件"), "fang@example.com"),
    "gender": Column(_("Gender (female, male, other)"), ("sex", "性别"), "female"),
    "birthday": Column(_("Birthday"), ("birth date", "date of birth", "生日", "出生日期"), "1990-05-20"),
    "region": Column(_("Region"), ("province", "地区", "省份", "区域", "所在地区"), "上海"),
    "joined_at": Column(
        _("Time joined"),
        ("joined", "registered at", "入会时间", "注册时间", "加入时间", "入会日期", "注册日期"),
        "2025-01-15T10:30:00+08:00",
    ),
    "level": Column(_("Key of the level"), ("会员等级", "等级", "等级标识")),
    "order_id": Column(
        _("Order id"),
        ("order", "order number", "order no", "订单号", "订单编号", "订单ID", "订单"),
        "SO-20260115-0001",
    ),
    "paid_at": Column(
        _("Time paid"),
        ("payment time", "paid time", "支付时间", "付款时间", "支付日期", "付款日期", "下单时间"),
        "2025-01-15T20:00:00+08:00",
    ),
    "amount": Column(
        _("Amount"),
        ("total", "金额", "支付金额", "实付金额", "订单金额", "付款金额", "实收金额", "退款金额", "商品金额", "小计"),
        "88.80",
    ),
    "currency": Column(_("Currency"), ("币种", "货币"), "CNY"),
    "quantity": Column(_("Quantity"), ("qty", "数量", "件数", "商品数量", "购买数量", "商品件数", "退货数量"), "2"),
    "channel": Column(_("Channel"), ("渠道", "下单渠道", "销售渠道", "来源渠道", "来源"), "mini-program"),
    "payment_method": Column(_("Payment method"), ("payment", "支付方式", "付款方式", "支付渠道"), "wechat"),
    "status": Column(_("Status (paid, refunded)"), ("order status", "状态", "订单状态"), "paid"),
    "line": Column(_("Line of the order"), ("line no", "line number", "行号", "明细行号", "序号", "行"), "1"),
    "sku": Column(_("SKU"), ("item code", "商品编码", "商品编号", "货号", "SKU编码", "规格编码"), "MILK-1L"),
    "category": Column(_("Category"), ("品类", "类目", "商品类目", "分类", "商品分类"), "milk"),
    "refund_id": Column(_("Refund id"), ("refund", "refund no", "退款单号", "退款编号", "退款ID", "退单号"), "RF-0001"),
    "refunded_at": Column(
        _("Time refunded"), ("refund time", "退款时间", "退款日期", "退货时间"), "2025-01-18T09:00:00+08:00"
    ),
    "event_id": Column(_("Event id"), ("event", "事件ID", "事件编号", "行为ID", "行为编号"), "ev-0001"),
    "type": Column(_("Type of event"), ("event type", "类型", "事件类型", "行为类型", "行为"), "view"),
    "occurred_at": Column(
        _("Time of the event"),
        ("time", "event time", "时间", "发生时间", "事件时间", "行为时间"),
        _yesterday,
    ),
    "item": Column(_("Item"), ("商品", "商品ID"), "MILK-1L"),
    "keyword": Column(_("Keyword"), ("search term", "关键词", "搜索词", "关键字")),
    "properties": Column(_("Properties (JSON)"), ("属性", "扩展属性")),
}


def register_columns(columns: Mapping[str, Column]) -> None:
    """Name the columns of kinds that apps above add. Apps call this in `AppConfig.ready()`."""
    for name, column in columns.items():
        if _COLUMNS.get(name, column) != column:
            raise ValueError(f"there is already a column {name!r}")
        _COLUMNS[name] = column


def column_of(name: str) -> Column:
    """Return how the column is called; one that nobody named is called by its key."""
    return _COLUMNS.get(name) or Column(name)


def headers_of(name: str, column: Column) -> set[str]:
    """Return, simplified, every header by which a file may mean the column: its key, its label in both languages, …"""
    headers = {name, *column.headers}
    for language in LANGUAGES:
        with override(language):
            headers.add(str(column.label))
    return {simplified(header) for header in headers} - {""}


def simplified(header: str) -> str:
    """Return the header without case, spaces, marks and what stands in brackets: "Order ID (*)" is "orderid"."""
    bare = re.sub(r"[(（\[【].*?[)）\]】]", "", header)
    return _NOT_LETTERS.sub("", bare or header).casefold()
