/**
 * The looks, in the shadow root: the page's own style cannot reach in, nor ours out.
 * A site sets `--consent-accent`, `-text`, `-background`, `-radius` through its theme.
 */
export const CSS = `
:host(consent-banner){all:initial!important;position:absolute!important}
*{box-sizing:border-box;margin:0;padding:0;font:inherit;color:inherit}
.base{--a:var(--consent-accent,#1d4fc4);--t:var(--consent-text,#1b1b21);--b:var(--consent-background,#fff);
--r:min(var(--consent-radius,8px),22px);font:1em/1.5 system-ui,sans-serif;color:var(--t);background-color:var(--b);
overflow-wrap:break-word;text-align:start}
@media(prefers-color-scheme:dark){.base{--a:var(--consent-accent-dark,#a9c1fb);
--t:var(--consent-text-dark,#f1f1f5);--b:var(--consent-background-dark,#1d1d23);color-scheme:dark}}
[hidden]{display:none!important}
.bar{position:fixed;inset:auto 0 0;z-index:2147483647;max-height:100%;display:flex;flex-direction:column;
border-top:1px solid var(--a);box-shadow:0 0 2em #0005}
.bar>*{width:100%;max-width:62em;margin:0 auto;padding:1.25em}
.body{overflow:auto;display:grid;gap:.75em;justify-items:start;padding-bottom:.5em}
h2,h3,b,summary,button,.titles{font-weight:600}
h2{font-size:1.25em;line-height:1.3}
p{white-space:pre-line;max-width:46em}
ul{list-style:none}
.titles{display:flex;flex-wrap:wrap;gap:.25em 1.5em}
.titles>::before{content:"• ";color:var(--a)}
.choices{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(13em,100%),1fr));gap:.6em;padding-top:.6em}
button,a,summary,.switch{cursor:pointer;min-height:44px;min-width:44px}
button{padding:.5em 1em;border-radius:var(--r);border:2px solid var(--a)}
.choice{background-color:var(--a);color:var(--b)}
.plain{flex:none;background-color:var(--b);color:var(--t)}
.open{position:fixed;bottom:1em;inset-inline-start:1em;z-index:2147483646;font-size:.875em;border-width:1px}
a,summary,.switch{display:inline-flex;align-items:center}
a,summary,button:hover{text-decoration:underline}
a:hover,summary:hover{text-decoration-thickness:2px}
summary::before{content:"+";width:1.2em}
[open]>summary::before{content:"−"}
:focus-visible{outline:3px solid var(--t);outline-offset:2px;box-shadow:0 0 0 2px var(--b)}
.head,.row{display:flex;gap:1em;justify-content:space-between;align-items:center}
.head,.purpose{width:100%}
.purpose{padding:.75em 1em;border:1px solid #8886;border-radius:var(--r)}
.switch{gap:.6em;flex:none}
input{appearance:none;cursor:pointer;width:3em;height:1.75em;padding:3px;border:2px solid var(--t);border-radius:1em;display:flex}
input::before{content:"";height:100%;aspect-ratio:1;border-radius:50%;background-color:var(--t)}
input:checked{background-color:var(--a);border-color:var(--a);justify-content:end}
input:checked::before{background-color:var(--b)}
.on,input:checked~.off{display:none}
input:checked~.on{display:inline}
.facts>li{padding:.6em 0;border-top:1px solid #8886}
dl{display:grid;grid-template-columns:fit-content(40%) 1fr;gap:0 1em}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.held{display:grid;place-content:center;justify-items:center;gap:.75em;padding:1em;text-align:center;border:1px solid #8886}
@media(max-height:26em){.bar{display:block;overflow:auto}}
@media(forced-colors:active){input{appearance:auto}input::before{content:none}}
@media print{.base{display:none!important}}
`
