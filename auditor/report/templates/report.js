"use strict";
// Draws the charts of agent and team reports: their figures lie in <script id="charts">, as data.
(() => {
  const data = document.getElementById("charts");
  if (!data) return;
  const figures = JSON.parse(data.textContent);
  const options = { displayModeBar: false, responsive: true, locale: "zh-CN" };
  for (const [id, figure] of Object.entries(figures)) {
    const place = document.getElementById(id);
    if (!place) continue;
    if (!window.Plotly) { place.textContent = "图表组件未载入，数据见表格"; continue; }
    Plotly.newPlot(place, figure.data, figure.layout, options);
  }
  window.addEventListener("beforeprint", () => {
    for (const id of Object.keys(figures)) {
      const place = document.getElementById(id);
      if (place && window.Plotly && place.data) Plotly.Plots.resize(place);
    }
  });
})();
