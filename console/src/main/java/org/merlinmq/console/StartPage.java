package org.merlinmq.console;

/** The plain page at {@code /}: where everything is, and what to type first. */
final class StartPage {
    private static final String HTML = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>MerlinMQ · {brokerName}</title>
            <style>
            :root { color-scheme: light dark; --ink: #1d2433; --soft: #5b6577; --line: #dfe3ea; --paper: #fbfbf9; --card: #fff; --accent: #2f5d8c; }
            @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #9aa4b5; --line: #2e3645; --paper: #12161e; --card: #1a202b; --accent: #8ab4e0; } }
            body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
            main { max-width: 46rem; margin: 0 auto; padding: 3rem 1.25rem; }
            h1 { font-size: 1.9rem; margin: 0; letter-spacing: -.01em; }
            h2 { font-size: 1.05rem; margin: 2.2rem 0 .6rem; }
            .state { color: var(--soft); margin: .3rem 0 0; }
            dl { display: grid; grid-template-columns: max-content 1fr; gap: .45rem 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.3rem; margin: 1.6rem 0 0; }
            dt { color: var(--soft); }
            dd { margin: 0; overflow-wrap: anywhere; }
            code, pre { font: .9rem/1.6 ui-monospace, monospace; }
            pre { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .9rem 1.1rem; margin: 0; overflow-x: auto; }
            a { color: var(--accent); }
            </style>
            </head>
            <body>
            <main>
            <h1>MerlinMQ</h1>
            <p class="state">Version {version}. {state}</p>
            <dl>
            <dt>Nameserver</dt><dd><code>{nameserver}</code></dd>
            <dt>Broker</dt><dd><code>{broker}</code> ({brokerName} in {cluster})</dd>
            <dt>Data</dt><dd><code>{dataFolder}</code></dd>
            <dt>For machines</dt><dd><a href="/healthz">/healthz</a> · <a href="/metrics">/metrics</a></dd>
            </dl>
            <h2>Send and receive from the shell</h2>
            <pre>bin/merlin send Greetings "hello"
            bin/merlin consume Greetings --from first --count 1</pre>
            <h2>Look around</h2>
            <pre>bin/merlin status
            bin/merlin topic list
            bin/merlin group list</pre>
            <h2>From an application</h2>
            <p>Any RocketMQ client from 4.4 to 5.5 works; give it the nameserver's address:</p>
            <pre>producer.setNamesrvAddr("{nameserver}");</pre>
            </main>
            </body>
            </html>
            """;

    private StartPage() {}

    static String html(ServerSummary summary, @org.jspecify.annotations.Nullable String trouble) {
        return HTML.replace("{version}", escape(summary.version()))
                .replace("{state}", trouble == null ? "Everything is running." : "Trouble: " + escape(trouble))
                .replace("{cluster}", escape(summary.cluster()))
                .replace("{brokerName}", escape(summary.brokerName()))
                .replace("{nameserver}", escape(summary.nameserver()))
                .replace("{broker}", escape(summary.broker()))
                .replace("{dataFolder}", escape(summary.dataFolder()));
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
