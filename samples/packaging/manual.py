# Writes a man page for each command: manual.py VERSION FOLDER, with the tool's --experimental-dump-help as input.
import json
import sys


def escaped(text):
    """Text as roff shows it: no line begins with a command, dashes are those of options."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").split("\n")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def option(argument):
    names = [("-" if name["kind"] == "short" else "--") + name["name"] for name in argument.get("names") or []]
    value = f"<{argument['valueName']}>" if argument.get("valueName") else ""
    if argument["kind"] == "positional":
        return value
    return ", ".join(names) + (f" {value}" if argument["kind"] == "option" else "")


def discussion(text):
    """Paragraphs; lines of an indented block stay as they are, and a line in capitals is a heading."""
    for paragraph in text.split("\n\n"):
        lines = paragraph.split("\n")
        if lines[0].isupper():
            yield ".SH " + escaped(lines.pop(0))
        else:
            yield ".PP"
        if lines and lines[0].startswith("  "):
            yield ".nf\n" + escaped("\n".join(line[2:] for line in lines)) + "\n.fi"
        else:
            yield escaped("\n".join(lines))


def page(command, path, version):
    name = "-".join(path)
    arguments = [one for one in command.get("arguments", []) if one.get("shouldDisplay", True)]
    yield f'.TH {escaped(name.upper())} 1 "" "interaction\\-migrate {version}" "User Commands"'
    yield ".SH NAME\n" + escaped(f"{name} - {command.get('abstract', '').rstrip('.')}")
    yield ".SH SYNOPSIS\n.B " + escaped(" ".join(path))
    if command.get("subcommands"):
        yield "COMMAND"
    if arguments:
        yield "[OPTIONS]"
    yield " ".join(f"[<{one['valueName']}>]" for one in arguments if one["kind"] == "positional")
    if command.get("discussion"):
        yield ".SH DESCRIPTION"
        yield from discussion(command["discussion"])
    section = None
    for one in sorted(arguments, key=lambda one: (one["kind"] != "positional", one.get("sectionTitle") is None)):
        title = "Arguments" if one["kind"] == "positional" else one.get("sectionTitle") or "Options"
        if title != section:
            yield f".SH {escaped(title.upper())}"
            section = title
        yield ".TP\n.B " + escaped(option(one))
        text = one.get("abstract") or ""
        if one.get("allValues"):
            text += f" One of {', '.join(one['allValues'])}."
        if one.get("defaultValue"):
            text += f" Default: {one['defaultValue']}."
        yield escaped(text.strip())
    inner = [one for one in command.get("subcommands", []) if one["commandName"] != "help"]
    if inner:
        yield ".SH COMMANDS"
    for one in inner:
        yield ".TP\n.B " + escaped(one["commandName"]) + "\n" + escaped(one.get("abstract", ""))
    if len(path) > 1 or inner:
        yield ".SH SEE ALSO"
        others = [path[:-1]] if len(path) > 1 else []
        others += [path + [one["commandName"]] for one in inner]
        yield ",\n".join(f".BR {escaped('-'.join(other))} (1)" for other in others).replace("(1),", "(1) ,")


def write(command, path, version, folder):
    with open(f"{folder}/{'-'.join(path)}.1", "w", encoding="utf-8") as out:
        out.write("\n".join(line for line in page(command, path, version) if line) + "\n")
    for inner in command.get("subcommands", []):
        if inner["commandName"] != "help":
            write(inner, path + [inner["commandName"]], version, folder)


tool = json.load(sys.stdin)["command"]
write(tool, [tool["commandName"]], sys.argv[1], sys.argv[2])
