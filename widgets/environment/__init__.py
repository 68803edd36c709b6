"""环境: stations and what they measure."""
