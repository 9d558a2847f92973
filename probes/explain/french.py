"""Gives the words of a verdict in French: what was seen, and what to check first."""

from collections.abc import Mapping

HEALTHS: Mapping[str, str] = {
    "up": "La caméra répond.",
    "down": "La caméra ne répond pas.",
    "unreachable": "La liaison du site est coupée : la caméra est injoignable.",
    "unknown": "L’état de la caméra n’est pas connu.",
}

LABELS: Mapping[str, str] = {
    "seen": "Constat",
    "check": "À vérifier d’abord",
    "issue": "Attention",
    "authentication": "Identifiants",
    "clock": "Horloge",
    "identity": "Appareil",
    "said": "Selon ses termes",
    "steps": "Étapes",
    "stopped": "Arrêt",
}

# The heading of the steps.
ORDER = "dans l’ordre, avec la durée de chacune"

AUTHENTICATIONS: Mapping[str, str] = {
    "verified": "acceptés, et leur nécessité est prouvée",
    "unverified": "acceptés, sans preuve qu’ils soient exigés",
    "failed": "refusés",
    "none": "aucun en usage",
}

STEPS: Mapping[str, str] = {
    "dns": "nom résolu",
    "connect": "connexion établie",
    "tls": "connexion chiffrée établie",
    "clock": "heure demandée, sans identifiants",
    "identity": "identité demandée, sans identifiants",
    "login": "identité demandée, avec jeton signé",
    "login_digest": "identité demandée, avec HTTP Digest",
    "login_text": "identité demandée, mot de passe envoyé dans un TLS vérifié",
    "soap11": "pas de réponse exploitable, question posée en SOAP 1.1",
    "path": "rien au chemin du registre, question posée au chemin usuel",
    "retry": "premier essai en échec, second essai",
    "total": "durée totale",
}

STAGES: Mapping[str, str] = {
    "dns": "pendant la recherche de son nom",
    "connect": "pendant l’ouverture de la connexion",
    "tls": "pendant la négociation du chiffrement",
    "first_byte": "dans l’attente du premier octet d’une réponse",
    "body": "au milieu de la réponse",
    "answer": "à ce qu’elle a répondu",
}

HINTS: Mapping[str, tuple[str, str]] = {
    "dns": (
        "Le nom de la caméra est inconnu du serveur de noms.",
        "L’orthographe du nom dans le registre, puis le serveur de noms.",
    ),
    "no_route": (
        "Aucune route ne mène au réseau de la caméra.",
        "Le VPN ou le routeur du site, puis l’adresse dans le registre.",
    ),
    "connect_refused": (
        "Un équipement est présent et refuse la connexion.",
        "Que l’ONVIF est activé sur la caméra, puis le port dans le registre.",
    ),
    "connect_timeout": (
        "Rien ne revient de cette adresse.",
        "L’alimentation de la caméra, puis son câble ou sa liaison radio, puis le pare-feu.",
    ),
    "connect_reset": (
        "La connexion a été coupée dès son ouverture ou son usage.",
        "Si la caméra est surchargée ou redémarre, puis le pare-feu.",
    ),
    "tls_handshake": (
        "La caméra et ce serveur n’ont pu s’accorder sur une connexion chiffrée.",
        "Que le port est bien celui du https, puis la version TLS de la caméra (1.2 au moins).",
    ),
    "timeout_first_byte": (
        "La caméra accepte la connexion, puis se tait.",
        "Redémarrer la caméra : son logiciel est figé alors que sa carte réseau répond.",
    ),
    "timeout_body": (
        "La caméra a commencé à répondre sans finir à temps.",
        "La qualité de la liaison (pertes, radio), puis la charge de la caméra.",
    ),
    "closed_early": (
        "La caméra a raccroché avant d’avoir répondu.",
        "Si le port attend du https, puis si la caméra redémarre seule.",
    ),
    "too_large": (
        "La réponse est bien plus grande qu’une réponse ONVIF.",
        "Que l’adresse et le port sont ceux de la caméra.",
    ),
    "not_http": (
        "Ce qui répond n’est pas un serveur web.",
        "Le port dans le registre : celui-ci est à un autre service.",
    ),
    "http_status": (
        "Le serveur web de la caméra répond par une erreur.",
        "Que l’ONVIF est activé, puis redémarrer la caméra.",
    ),
    "redirect": (
        "La caméra renvoie vers une autre adresse, jamais suivie.",
        "Si elle exige le https : corriger protocole et port dans le registre.",
    ),
    "not_onvif": (
        "Une page web, ou autre chose, répond à la place de l’ONVIF.",
        "Que l’ONVIF est activé, puis le chemin et le port dans le registre.",
    ),
    "malformed_xml": (
        "La réponse est illisible, même après réparation.",
        "Le micrologiciel de la caméra : chercher une mise à jour.",
    ),
    "soap_fault": (
        "La caméra répond à toute question par une erreur.",
        "Redémarrer la caméra, puis chercher une mise à jour.",
    ),
    "gateway_down": (
        "Ni la caméra ni la passerelle du site ne répondent.",
        "L’alimentation du site et la ligne de l’opérateur, avant d’envoyer quelqu’un.",
    ),
    "not_configured": (
        "Le registre ne contient pas d’adresse pour cette caméra.",
        "Saisir l’adresse et le port de la caméra.",
    ),
    "blocked_address": (
        "L’adresse est hors des réseaux autorisés ; rien n’a été envoyé.",
        "L’adresse dans le registre, puis la liste des réseaux autorisés.",
    ),
    "not_probed": (
        "La caméra n’a pas été sondée récemment.",
        "Que la supervision fonctionne.",
    ),
    "zone_silent": (
        "La sonde de la zone ne donne plus de nouvelles.",
        "La sonde de la zone, pas ses caméras.",
    ),
    "inconclusive": (
        "Presque toute la zone a échoué à la fois, son point témoin aussi.",
        "Le réseau entre la sonde et la zone.",
    ),
    "clock_step": (
        "L’horloge du serveur de supervision a fait un saut.",
        "Le service de temps du serveur.",
    ),
    "internal": (
        "La sonde elle-même a échoué ; cela ne dit rien de la caméra.",
        "Le journal de la supervision.",
    ),
    "auth_failed": (
        "La caméra refuse le nom ou le mot de passe ; plus aucun essai n’est fait.",
        "Le compte ONVIF de la caméra, souvent distinct du compte web.",
    ),
    "auth_locked": (
        "La caméra a verrouillé le compte après de mauvais mots de passe.",
        "Attendre le déverrouillage, puis corriger le mot de passe dans le registre.",
    ),
    "auth_unverified": (
        "Les identifiants passent, mais la caméra répond aussi sans eux.",
        "Que l’authentification est exigée dans les réglages ONVIF de la caméra.",
    ),
    "auth_scheme_unsupported": (
        "La caméra n’accepte aucun des modes de connexion qui gardent le mot de passe secret.",
        "Activer Digest ou WS-UsernameToken sur la caméra.",
    ),
    "clock_skew": (
        "L’horloge de la caméra est décalée : ses images portent une heure fausse.",
        "Le serveur NTP dans les réglages de la caméra.",
    ),
    "clock_invalid": (
        "L’horloge de la caméra n’a jamais été réglée, ou donne une date impossible.",
        "Le serveur NTP dans les réglages de la caméra, puis sa pile.",
    ),
    "identity_mismatch": (
        "Un autre appareil répond que celui du registre.",
        "Si la caméra a été remplacée : le déclarer ; sinon chercher une adresse échangée.",
    ),
    "firmware_changed": (
        "Le micrologiciel n’est pas celui du registre.",
        "Si la mise à jour était prévue.",
    ),
    "slow": (
        "La caméra répond, mais lentement.",
        "La charge de la caméra et de sa liaison : combien d’autres la regardent ?",
    ),
    "xml_broken": (
        "La réponse de la caméra a dû être réparée pour être lue.",
        "Le micrologiciel de la caméra : chercher une mise à jour.",
    ),
    "tls_untrusted": (
        "Aucune autorité ne garantit le certificat ; aucun identifiant n’a été envoyé.",
        "Épingler le certificat dans le registre, ou en installer un de votre autorité.",
    ),
    "tls_cert_changed": (
        "Le certificat n’est pas celui épinglé ; aucun identifiant n’a été envoyé.",
        "Si la caméra a été remplacée ou réinitialisée ; sinon, une interception est possible.",
    ),
    "tls_cert_expired": (
        "Le certificat de la caméra a expiré ; aucun identifiant n’a été envoyé.",
        "Renouveler le certificat, et vérifier l’horloge de la caméra.",
    ),
    "anonymous_access": (
        "La caméra se décrit à quiconque, sans identifiants.",
        "Que l’authentification est exigée dans les réglages ONVIF de la caméra.",
    ),
    "plain_http": (
        "La caméra est interrogée en HTTP, sans chiffrement.",
        "Activer le https sur la caméra et dans le registre.",
    ),
    "action_not_supported": (
        "La caméra laisse une des deux questions sans réponse : inconnue, ou non permise.",
        "Les droits du compte ONVIF sur la caméra, puis son micrologiciel.",
    ),
}
