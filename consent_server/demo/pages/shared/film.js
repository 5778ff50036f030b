// Plays and stops the stand-in for a film; it never starts by itself.
(() => {
  const button = document.querySelector('.film-button')
  button.addEventListener('click', () => {
    const playing = document.body.classList.toggle('playing')
    button.textContent = playing ? button.dataset.pause : button.dataset.play
  })
})()
