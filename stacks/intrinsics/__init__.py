"""CloudFormation's values: text → plain data with lines, what a value refers to, and values put in their place. Pure.

Everything that reads ``Ref``, ``Fn::GetAtt``, ``Fn::Sub`` or a short tag reads it here. ``functions`` recognises one
value, ``references`` reads what is inside a value, ``reading`` the text of a template or description.
"""
