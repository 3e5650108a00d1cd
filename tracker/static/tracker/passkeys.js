// Says so on the page when a browser gives no passkey; without this the reason stands in its console alone.
document.addEventListener('allauth.error', (event) => {
  event.preventDefault()
  document.getElementById('passkey-failed').hidden = false
})
