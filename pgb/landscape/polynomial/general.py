def terms(loss, symbols):
    import sympy
    return sympy.Poly(loss,*symbols,domain='QQ').as_dict()
