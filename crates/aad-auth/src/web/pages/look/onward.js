"use strict";
{
  const form = document.getElementById("aad-post-on");
  if (form) form.submit();

  const link = document.getElementById("aad-keep-fragment");
  if (link) {
    const fragment = location.hash.slice(1);
    const query = fragment && "&fragment=" + encodeURIComponent(fragment);
    location.replace(link.href + query);
  }
}
