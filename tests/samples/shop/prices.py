def total(price, count):
    if count > 9:
        return price * count - 5
    return price * count


def label(name):
    if not name:
        raise ValueError("no name")
    return name.strip().title()
