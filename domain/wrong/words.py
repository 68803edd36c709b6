"""Chinese words for the lines of facts; the log keeps them as they were said."""

from domain.nodes import Node

NODES = {
    Node.ACCEPT: "签收",
    Node.DISPATCH: "分派",
    Node.SIGN: "部门签收",
    Node.ARRIVE: "到场",
    Node.RECTIFY: "整改",
    Node.FILE: "立案",
    Node.PENALISE: "处罚",
    Node.FEED_BACK: "反馈",
    Node.REVISIT: "回访",
    Node.POST_CHECK: "后督查",
    Node.CLOSE: "销号",
}
