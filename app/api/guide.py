"""What holds for every route of the API, told before them in the documentation (HTML)."""

from typing import Final

GENERAL: Final = {
    "Jeton": """
Chaque demande porte <code>Authorization: Bearer …</code>. Les jetons se créent sous « Mon compte » et n'ont
jamais plus de droits que leur personne : lignes et champs cachés à l'écran le sont aussi ici.
""",
    "Pages": """
Une liste répond <code>next</code> : le <code>cursor</code> de la page suivante, <code>null</code> à la fin.
La centième page arrive aussi vite que la première.
""",
    "Modifier sans écraser": """
Une fiche lue porte <code>ETag</code> ; la modifier demande <code>If-Match</code> avec la même valeur.
Modifiée entre-temps, elle répond 412 et rien n'est écrit.
""",
    "Répéter sans doubler": """
Un <code>POST</code> avec <code>Idempotency-Key</code> n'est fait qu'une fois : la même demande reçoit pendant
24 h la même réponse (<code>Idempotency-Replayed: true</code>), une autre demande sous la même clé 422, une
demande encore en cours 409.
""",
    "Refus": """
Tout refus répond <code>{"error", "message", "params", "fields"}</code> : <code>error</code> pour le
programme, <code>message</code> pour une personne, <code>fields</code> = ce qui ne va pas, champ par champ.
""",
    "Fréquence": """
600 demandes par minute et par jeton, 200 d'un coup ; au-delà 429 avec <code>Retry-After</code> en secondes.
""",
    "Webhooks": """
Messages signés selon Standard Webhooks : <code>webhook-id</code> (le même à chaque nouvel essai),
<code>webhook-timestamp</code>, <code>webhook-signature</code> = <code>v1,</code> + base64 de HMAC-SHA256,
avec la clé en base64 après <code>whsec_</code>, sur <code>id.timestamp.corps</code>. Sans réponse 2xx,
nouveaux essais pendant 24 h, dans l'ordre ; ensuite le webhook est arrêté et sa personne avertie.
""",
}
