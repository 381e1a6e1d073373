package io.commercewebhooks.sandbox;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** The records of the org as a page to look at, newest first. */
final class SalesforcePage {

  private static final int SHOWN_PER_OBJECT = 50;

  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Stand-in Salesforce</title>
      <style>
      :root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --ink: #1c2430;
        --quiet: #5b6675; --line: #dfe3e8; --accent: #0b6bcb; }
      @media (prefers-color-scheme: dark) { :root { --ground: #12161c; --card: #1b212a;
        --ink: #e8ecf1; --quiet: #9aa6b5; --line: #2c3541; --accent: #6db3ff; } }
      * { box-sizing: border-box; }
      body { margin: 0; background: var(--ground); color: var(--ink);
        font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
      main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
      a { color: var(--accent); }
      h1 { font-size: 1.5rem; margin: 0; }
      header p { color: var(--quiet); margin: .25rem 0 1rem; }
      nav { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: 2rem; }
      nav a { border: 1px solid var(--line); border-radius: 999px; padding: .2rem .8rem;
        color: var(--ink); background: var(--card); text-decoration: none; }
      nav a:hover, nav a:focus-visible { border-color: var(--accent); color: var(--accent); }
      nav b, h2 span { color: var(--quiet); font-weight: 400; }
      h2 { font-size: 1.1rem; margin: 2rem 0 .75rem; }
      article { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
        padding: 1rem 1.25rem; margin-bottom: .75rem; }
      h3 { font-size: 1rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
      h3 small { color: var(--quiet); font-weight: 400; margin-left: .5rem; }
      dl { display: grid; grid-template-columns: minmax(9rem, 16rem) 1fr; gap: .15rem 1rem;
        margin: 0; }
      dt { color: var(--quiet); overflow-wrap: anywhere; }
      dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere;
        font-variant-numeric: tabular-nums; }
      .none { color: var(--quiet); }
      @media (max-width: 40rem) { dl { grid-template-columns: 1fr; }
        dd { margin-bottom: .4rem; } }
      </style>
      </head>
      <body><main>
      <header><h1>Stand-in Salesforce</h1>
      <p>What the org would hold now, newest change first. The same as JSON:
      <a href="/records">/records</a></p></header>
      """;

  private SalesforcePage() {}

  static String of(SalesforceRecords records) {
    StringBuilder page = new StringBuilder(HEAD).append("<nav>\n");
    List<SalesforceObject> filled =
        records.schema().objects().stream()
            .filter(object -> !records.all(object).isEmpty())
            .toList();
    for (SalesforceObject object : filled) {
      page.append("<a href=\"#")
          .append(escaped(object.name()))
          .append("\">")
          .append(escaped(object.label()))
          .append(" <b>")
          .append(records.all(object).size())
          .append("</b></a>\n");
    }
    page.append("</nav>\n");
    if (filled.isEmpty()) {
      page.append("<p class=\"none\">No records yet.</p>\n");
    }
    filled.forEach(object -> append(page, object, records));
    return page.append("</main></body></html>\n").toString();
  }

  private static void append(
      StringBuilder page, SalesforceObject object, SalesforceRecords records) {
    page.append("<h2 id=\"")
        .append(escaped(object.name()))
        .append("\">")
        .append(escaped(object.label()))
        .append(" <span>")
        .append(object.label().equals(object.name()) ? "" : escaped(object.name()))
        .append("</span></h2>\n");
    List<Map<String, Object>> newestFirst = newestFirst(records, object);
    newestFirst.stream().limit(SHOWN_PER_OBJECT).forEach(record -> append(page, object, record));
    if (newestFirst.size() > SHOWN_PER_OBJECT) {
      page.append("<p class=\"none\">")
          .append(newestFirst.size() - SHOWN_PER_OBJECT)
          .append(" older records are not shown.</p>\n");
    }
  }

  private static void append(
      StringBuilder page, SalesforceObject object, Map<String, Object> record) {
    page.append("<article><h3>")
        .append(escaped(title(object, record)))
        .append("<small>")
        .append(escaped(String.valueOf(record.get("Id"))))
        .append("</small></h3><dl>\n");
    record.forEach(
        (name, value) -> {
          if (!name.equals("Id")) {
            page.append("<dt>")
                .append(escaped(name))
                .append("</dt><dd>")
                .append(escaped(String.valueOf(value)))
                .append("</dd>\n");
          }
        });
    page.append("</dl></article>\n");
  }

  private static String title(SalesforceObject object, Map<String, Object> record) {
    for (SalesforceField field : object.fields().values()) {
      if (field.externalId() && record.get(field.name()) != null) {
        return String.valueOf(record.get(field.name()));
      }
    }
    return String.valueOf(record.getOrDefault("Name", record.get("Id")));
  }

  static List<Map<String, Object>> newestFirst(SalesforceRecords records, SalesforceObject object) {
    List<Map<String, Object>> list = new ArrayList<>(records.all(object));
    Collections.reverse(list);
    return list;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
