"use strict";
{
  const form = document.getElementById("aad-post-on");
  if (form) form.submit();
}
