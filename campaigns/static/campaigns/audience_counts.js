// A row that is added to a form brings its audience along: htmx has not seen it yet.
document.addEventListener("formset:added", (event) => window.htmx?.process(event.target));
